-- The database, derived from the records in src/parlour/core by `./run generate`. Do not edit.
-- Users, Sessions and Messages hold the columns that the protocol names; a session's members are rows of Members.

CREATE TABLE IF NOT EXISTS Migrations (
  Number INTEGER NOT NULL PRIMARY KEY,
  Name TEXT NOT NULL,
  Checksum TEXT NOT NULL
);

CREATE TABLE Askings (
  UserID TEXT NOT NULL,
  Of TEXT NOT NULL,
  Seq INTEGER NOT NULL,
  State TEXT NOT NULL,
  Lapses TEXT NOT NULL,
  PRIMARY KEY (UserID, Of)
) WITHOUT ROWID;

CREATE INDEX AskingsOf ON Askings (UserID, Lapses);

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

CREATE TABLE Events (
  Stream TEXT NOT NULL,
  Number INTEGER NOT NULL,
  Kind TEXT NOT NULL,
  Frame BLOB NOT NULL,
  PRIMARY KEY (Stream, Number)
) WITHOUT ROWID;

CREATE TABLE Facts (
  Name TEXT NOT NULL,
  Value TEXT NOT NULL,
  PRIMARY KEY (Name)
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

CREATE TABLE Logins (
  LoginID TEXT NOT NULL,
  UserID TEXT NOT NULL,
  TokenHash TEXT NOT NULL,
  CreatedAt TEXT NOT NULL,
  UsedAt TEXT NOT NULL,
  Agent TEXT NOT NULL,
  PRIMARY KEY (LoginID)
) WITHOUT ROWID;

CREATE UNIQUE INDEX Tokens ON Logins (TokenHash);

CREATE INDEX LoginsOfUser ON Logins (UserID, CreatedAt);

CREATE TABLE Members (
  SessionID TEXT NOT NULL,
  UserID TEXT NOT NULL,
  JoinedAt TEXT NOT NULL,
  State TEXT NOT NULL,
  Delivered INTEGER NOT NULL,
  Read INTEGER NOT NULL,
  Told INTEGER NOT NULL,
  PRIMARY KEY (SessionID, UserID)
) WITHOUT ROWID;

CREATE INDEX SessionsOfUser ON Members (UserID, SessionID);

CREATE TABLE Messages (
  SessionID TEXT NOT NULL,
  MessageID INTEGER NOT NULL,
  SenderID TEXT NOT NULL,
  Data TEXT NOT NULL,
  TimeStamp TEXT NOT NULL,
  ReceivedAt TEXT NOT NULL,
  Nonce TEXT,
  UNIQUE (SessionID, MessageID)
);

CREATE UNIQUE INDEX Nonces ON Messages (Nonce, SessionID, SenderID) WHERE Nonce IS NOT NULL;

CREATE TABLE Pairs (
  First TEXT NOT NULL,
  Second TEXT NOT NULL,
  State TEXT NOT NULL,
  Asker TEXT NOT NULL,
  Asked TEXT NOT NULL,
  Rev INTEGER NOT NULL,
  Lapses TEXT NOT NULL,
  PopUpSeq INTEGER NOT NULL,
  SessionID TEXT,
  Note TEXT,
  PRIMARY KEY (First, Second)
) WITHOUT ROWID;

CREATE UNIQUE INDEX PairSessions ON Pairs (SessionID) WHERE SessionID IS NOT NULL;

CREATE INDEX AskedBy ON Pairs (Asker, State, Lapses);

CREATE INDEX AskedOf ON Pairs (Asked, State, Lapses);

CREATE TABLE Pauses (
  UserID TEXT NOT NULL,
  Of TEXT NOT NULL,
  Until TEXT NOT NULL,
  Times INTEGER NOT NULL,
  PRIMARY KEY (UserID, Of)
) WITHOUT ROWID;

CREATE INDEX PausesOf ON Pauses (Of);

CREATE TABLE Sessions (
  SessionID TEXT NOT NULL,
  CreatedAt TEXT NOT NULL,
  PRIMARY KEY (SessionID)
) WITHOUT ROWID;

CREATE TABLE Settings (
  UserID TEXT NOT NULL,
  SessionID TEXT NOT NULL,
  WhoMayInvite TEXT,
  Receipts INTEGER,
  Typing INTEGER,
  Presence INTEGER,
  Muted INTEGER,
  Hidden INTEGER,
  PRIMARY KEY (UserID, SessionID)
) WITHOUT ROWID;

CREATE TABLE Users (
  UserID TEXT NOT NULL,
  Username TEXT NOT NULL,
  NameKey TEXT NOT NULL,
  Password TEXT NOT NULL,
  Status TEXT NOT NULL,
  CreatedAt TEXT NOT NULL,
  DeletedAt TEXT,
  PRIMARY KEY (UserID)
) WITHOUT ROWID;

CREATE UNIQUE INDEX Names ON Users (NameKey);

CREATE INDEX Presence ON Users (Status);
