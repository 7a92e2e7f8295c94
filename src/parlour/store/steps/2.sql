-- marks, settings, closing, deleted accounts

ALTER TABLE Users ADD COLUMN DeletedAt TEXT;

ALTER TABLE Logins ADD COLUMN Agent TEXT NOT NULL DEFAULT '';

ALTER TABLE Members ADD COLUMN State TEXT NOT NULL DEFAULT 'active';

ALTER TABLE Members ADD COLUMN Delivered INTEGER NOT NULL DEFAULT 0;

ALTER TABLE Members ADD COLUMN Read INTEGER NOT NULL DEFAULT 0;

ALTER TABLE Members ADD COLUMN Told INTEGER NOT NULL DEFAULT 0;

-- What was there before marks does not count as unread; nobody is told that it was read.
UPDATE Members SET Read = coalesce(
  (SELECT max(MessageID) FROM Messages WHERE Messages.SessionID = Members.SessionID), 0
);

ALTER TABLE Sessions DROP COLUMN State;

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
