-- consent: blocks, pauses, links, budgets, the ledger

CREATE TABLE Askings (
  UserID TEXT NOT NULL,
  Of TEXT NOT NULL,
  Seq INTEGER NOT NULL,
  State TEXT NOT NULL,
  Lapses TEXT NOT NULL,
  PRIMARY KEY (UserID, Of)
) WITHOUT ROWID;

CREATE INDEX AskingsOf ON Askings (UserID, Lapses);

INSERT INTO Askings SELECT Asker, Asked, AskedSeq, 'sent', Lapses FROM Pairs WHERE State IN ('pending', 'declined', 'shadow');

ALTER TABLE Pairs DROP COLUMN AskedSeq;

ALTER TABLE Pairs ADD COLUMN Note TEXT;

DROP INDEX AskedBy;

DROP INDEX AskedOf;

CREATE INDEX AskedBy ON Pairs (Asker, State, Lapses);

CREATE INDEX AskedOf ON Pairs (Asked, State, Lapses);

CREATE TABLE Blocks (
  UserID TEXT NOT NULL,
  Of TEXT NOT NULL,
  At TEXT NOT NULL,
  PRIMARY KEY (UserID, Of)
) WITHOUT ROWID;

CREATE TABLE Budgets (
  UserID TEXT NOT NULL,
  Kind TEXT NOT NULL,
  Full TEXT NOT NULL,
  PRIMARY KEY (UserID, Kind)
) WITHOUT ROWID;

CREATE TABLE Ledger (
  UserID TEXT NOT NULL,
  Seq INTEGER NOT NULL,
  At TEXT NOT NULL,
  Mine INTEGER NOT NULL,
  Did TEXT NOT NULL,
  Other TEXT,
  How TEXT,
  Note TEXT,
  PRIMARY KEY (UserID, Seq)
) WITHOUT ROWID;

CREATE TABLE Links (
  LinkID TEXT NOT NULL,
  UserID TEXT NOT NULL,
  Hash TEXT NOT NULL,
  State TEXT NOT NULL,
  CreatedAt TEXT NOT NULL,
  Lapses TEXT NOT NULL,
  UsedBy TEXT,
  PRIMARY KEY (LinkID)
) WITHOUT ROWID;

CREATE UNIQUE INDEX LinkHashes ON Links (Hash);

CREATE INDEX LinksOfUser ON Links (UserID, State, Lapses);

CREATE TABLE Pauses (
  UserID TEXT NOT NULL,
  Of TEXT NOT NULL,
  Until TEXT NOT NULL,
  Times INTEGER NOT NULL,
  PRIMARY KEY (UserID, Of)
) WITHOUT ROWID;

CREATE INDEX PausesOf ON Pauses (Of);
