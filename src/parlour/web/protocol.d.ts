// The protocol: frames, bodies, codes, limits. Derived from src/parlour/protocol.py by `./run generate`; do not edit.

/** Who one is, for `register` and `login`. */
export interface Credentials {
  Username: string;
  Password: string;
}

/** What is said: `data` is kept and delivered as sent; a missing `TimeStamp` is the server's. */
export interface MessageBody {
  data: string;
  TimeStamp?: string | null;
  Sender?: string | null;
}

/** Say something in a session. With a `Nonce` it may be repeated for ever: the first delivery is the answer. */
export interface Message {
  type: 'Message';
  Ref?: string | null;
  SessionID: string;
  Message: MessageBody;
  Nonce?: string | null;
}

/** `Message` as the owner's text first spelled it: accepted for ever. */
export interface Messgae {
  type: 'Messgae';
  Ref?: string | null;
  SessionID: string;
  Message: MessageBody;
  Nonce?: string | null;
}

/** Look for the user with exactly this name and invite them. They see the `Note` with the name. */
export interface Search {
  type: 'Search';
  Ref?: string | null;
  Username: string;
  Note?: string | null;
}

/** Answer the invitation that `username` sent: 1 accepts, 0 rejects. With `Rev`: that one and no later one. A rejection is not told; with `Tell` it is. Accepting what one has rejected in silence undoes the rejection. */
export interface Request {
  type: 'request';
  Ref?: string | null;
  username: string;
  Accepted: 0 | 1;
  Rev?: number | null;
  Tell?: boolean;
}

/** Take my invitation to this user back. While I see it as sent, the answer is the same whatever became of it. */
export interface Cancel {
  type: 'Cancel';
  Ref?: string | null;
  Username: string;
}

/** Never hear of this user again: closes our conversation and every invitation between us. They are not told. */
export interface Block {
  type: 'Block';
  Ref?: string | null;
  Username: string;
}

/** Lift my block of this user. Nothing that it ended comes back. */
export interface Unblock {
  type: 'Unblock';
  Ref?: string | null;
  Username: string;
}

/** Close this conversation for all its members. Its history can be read still; a new invitation opens it again. */
export interface Close {
  type: 'Close';
  Ref?: string | null;
  SessionID: string;
}

/** Make a link that one person may use, once, to begin a conversation with me at once. */
export interface Link {
  type: 'Link';
  Ref?: string | null;
}

/** Take a link of mine back, by its name or by its whole secret. */
export interface Unlink {
  type: 'Unlink';
  Ref?: string | null;
  Link: string;
}

/** Use somebody's link: whoever made it has said yes in advance. */
export interface Redeem {
  type: 'Redeem';
  Ref?: string | null;
  Link: string;
}

/** Where the client stands in each stream; a stream that no `Resume` has named counts as 0. */
export interface Resume {
  type: 'Resume';
  Ref?: string | null;
  Epoch: string;
  Me: number;
  Sessions?: { [id: string]: number };
}

/** This device has all messages up to here. The other members hear of it. */
export interface Delivered {
  type: 'Delivered';
  Ref?: string | null;
  SessionID: string;
  MessageID: string;
}

/** I have read up to here. The other members hear of it where both sides send receipts. */
export interface Read {
  type: 'Read';
  Ref?: string | null;
  SessionID: string;
  MessageID: string;
}

/** I am typing; to be repeated while it is so. The other members hear of it where both sides show it. */
export interface Typing {
  type: 'Typing';
  Ref?: string | null;
  SessionID: string;
}

/** Change what is named, for all sessions or for one; the rest stays. All my devices hear of it, nobody else. `WhoMayInvite` is for all alone, `Muted` and `Hidden` are for one session alone, `Hidden` for a closed one. */
export interface Settings {
  type: 'Settings';
  Ref?: string | null;
  SessionID?: string;
  WhoMayInvite?: 'everyone' | 'links' | 'nobody' | 'shared';
  Receipts?: boolean;
  Typing?: boolean;
  Presence?: boolean;
  Muted?: boolean;
  Hidden?: boolean;
}

/** Change my password. All my other logins end. */
export interface Password {
  type: 'Password';
  Ref?: string | null;
  Old: string;
  New: string;
}

/** End one of my logins, or with `others` all but this one; their sockets close. */
export interface Revoke {
  type: 'Revoke';
  Ref?: string | null;
  LoginID: string;
}

/** Delete my account: all logins end, all conversations close, the name is never given again. */
export interface DeleteAccount {
  type: 'DeleteAccount';
  Ref?: string | null;
  Password: string;
}

/** `UserName` wants to talk to you: show the pop-up. `Rev` names this very invitation. `Note`: what they wrote, plain text without links. `Quiet`: too many have asked; list it, and show no pop-up. */
export interface PopUp {
  type: 'Search';
  Seq?: number;
  UserName: string;
  Rev: number;
  Lapses: string;
  Note?: string;
  Quiet?: boolean;
}

/** My own asking, as I see it. `declined`: they chose to tell me; `none`: I took it back. */
export interface Invite {
  type: 'Invite';
  Seq?: number;
  Username: string;
  State: 'declined' | 'none' | 'sent';
  Lapses: string;
}

/** An invitation to me is over: close its pop-up on every device. */
export interface Resolved {
  type: 'Resolved';
  Seq?: number;
  UserName: string;
  Result: 'accepted' | 'blocked' | 'cancelled' | 'declined';
}

/** I block this user, or do so no more. My own devices hear of it, nobody else. */
export interface Blocked {
  type: 'Blocked';
  Seq?: number;
  UserName: string;
  Blocked: boolean;
}

/** A link of mine, as all my devices see it: it can be used, it was used, or I took it back. */
export interface Linked {
  type: 'Linked';
  Seq?: number;
  Link: string;
  State: 'open' | 'revoked' | 'used';
  Lapses: string;
}

/** A session has begun, or has been opened again; `Users` holds the other user. */
export interface Session {
  type: 'Session';
  Seq?: number;
  SessionID: string;
  Users: { [id: string]: string };
}

/** A session is closed: its history can be read still. `Users`: who is called otherwise from now on. */
export interface Closed {
  type: 'Closed';
  Seq?: number;
  SessionID: string;
  Users?: { [id: string]: string };
}

/** My own settings as far as they changed: for all sessions, or for one. What opens again is no longer `Hidden`. */
export interface SettingsChanged {
  type: 'Settings';
  Seq?: number;
  SessionID?: string;
  WhoMayInvite?: 'everyone' | 'links' | 'nobody' | 'shared';
  Receipts?: boolean;
  Typing?: boolean;
  Presence?: boolean;
  Muted?: boolean;
  Hidden?: boolean;
}

/** How far a member has come, as far as it changed. A signal. `Unread`: what is left when I read on. */
export interface Mark {
  type: 'Mark';
  SessionID: string;
  UserID: string;
  Delivered?: string;
  Read?: string;
  Unread?: number;
}

/** A member is typing. A signal: over after 5 seconds without another one. */
export interface IsTyping {
  type: 'Typing';
  SessionID: string;
  UserID: string;
}

/** Somebody I share a session with came or went. A signal: never stored. */
export interface Status {
  type: 'Status';
  UserID: string;
  Status: 'Offline' | 'Online';
}

/** What one connection may send: characters of a message, bytes of a frame, requests in work. */
export interface Limits {
  Message: number;
  Frame: number;
  InFlight: number;
}

/** The first frame of a `parlour.v1` socket. `Heartbeat`: seconds between two `Beat`s. */
export interface Welcome {
  type: 'Welcome';
  UserID: string;
  Username: string;
  Epoch: string;
  Heartbeat: number;
  Limits: Limits;
}

/** Everything that was missing has been sent. Peers whom no `Status` names after this are Offline. */
export interface Resumed {
  type: 'Resumed';
}

/** This session (without `SessionID`: everything) cannot be made whole here: take it from the snapshot anew. */
export interface Reset {
  type: 'Reset';
  SessionID?: string;
}

/** The server lives. */
export interface Beat {
  type: 'Beat';
}

/** The one answer to a frame with a `Ref`, after its commit. The fields of the result stand beside these. */
export interface Done {
  type: 'Done';
  Ref?: string;
}

/** A frame could not be used. The socket lives. */
export interface Error {
  type: 'Error';
  Ref?: string;
  Code: string;
  Reason: string;
  Field?: string;
  RetryAfter?: number;
}

/** A stored message, wherever it stands: delivery, load and history hold the same bytes. */
export interface StoredMessage {
  data: string;
  TimeStamp: string;
  Sender: string;
  ReceivedAt: string;
  Nonce?: string;
}

/** The message's place. */
export interface Sent {
  SessionID: string;
  MessageID: string;
}

/** My invitation, as I see it. */
export interface Asked {
  Username: string;
  State: 'declined' | 'none' | 'sent';
  Lapses: string;
}

/** A link: its secret, which is told this once, and begins with the name under which it is listed. */
export interface Made {
  Link: string;
  Lapses: string;
}

/** The session of the two. */
export interface Begun {
  SessionID: string;
  Users: { [id: string]: string };
}

/** Done, and there is no more to say. */
export interface Nothing {}

/** The new user. `Status` is Offline until the first login. */
export interface Registered {
  UserID: string;
  Username: string;
}

/** A login. `Token` is missing where a cookie was set instead. */
export interface LoggedIn {
  UserID: string;
  Username: string;
  ExpiresAt: string;
  Token?: string;
}

/** How far a member has come: MessageIDs. `Read` of others: the last that they showed. */
export interface Marks {
  Delivered?: string;
  Read?: string;
}

/** What I have set for one session; what is missing is as for all. These are all switches that there are. */
export interface SessionSettings {
  Receipts?: boolean;
  Typing?: boolean;
  Presence?: boolean;
  Muted?: boolean;
  Hidden?: boolean;
}

/** A session as `load` shows it. `UserIds`: the other members; `Seq`: the head; `More`: older messages exist. `Unread`: others' messages after my own `Read`. `Marks`: by UserID, mine too, of who has any. */
export interface LoadedSession {
  UserIds: { [id: string]: string };
  Messages: { [id: string]: StoredMessage };
  Seq: number;
  More: boolean;
  State: 'active' | 'closed';
  Status: { [id: string]: 'Offline' | 'Online' };
  Unread: number;
  Marks: { [id: string]: Marks };
  Settings: SessionSettings;
}

/** An invitation of mine: open, or declined where they told me so. It is listed for 14 days after it lapsed. */
export interface Asking {
  Seq: number;
  Username: string;
  State: 'declined' | 'none' | 'sent';
  Lapses: string;
}

/** An open invitation to me. `Quiet`: it makes no pop-up. */
export interface Invitation {
  Seq: number;
  UserName: string;
  Rev: number;
  Lapses: string;
  Note?: string;
  Quiet?: boolean;
}

/** A link of mine that nobody has used. `Link` names it, and is not its secret. */
export interface OpenLink {
  Link: string;
  Lapses: string;
}

/** What I have set for all sessions. `Receipts`, `Typing`: missing, and off, until I have answered. */
export interface OwnSettings {
  WhoMayInvite: 'everyone' | 'links' | 'nobody' | 'shared';
  Presence: boolean;
  Receipts?: boolean;
  Typing?: boolean;
}

/** Myself, at the head `Seq` of my own stream. */
export interface Me {
  Seq: number;
  UserID: string;
  Username: string;
  Invitations: Invitation[];
  Asking: Asking[];
  Blocks: string[];
  Links: OpenLink[];
  Settings: OwnSettings;
}

/** Everything that a client needs to begin, from one read. */
export interface Snapshot {
  Epoch: string;
  Me: Me;
  Sessions: { [id: string]: LoadedSession };
}

/** A page of a session. `More`: the session has more in the direction that was asked for. */
export interface History {
  Messages: { [id: string]: StoredMessage };
  More: boolean;
}

/** One of my logins. `Agent`: what the device called itself; `Current`: the one that asks. */
export interface LoginView {
  LoginID: string;
  CreatedAt: string;
  UsedAt: string;
  Agent: string;
  Current: boolean;
}

/** My logins, the one that was used last first. */
export interface Logins {
  Logins: LoginView[];
}

/** One line of my ledger: what I or the other one did, when, and how. `Seq`: where it stands in my stream. `Undo`: a rejection that I can take back still, by accepting this `Rev`. `Note`: what I wrote. */
export interface Consent {
  Seq: number;
  At: string;
  By: 'me' | 'them';
  Did: 'accepted' | 'asked' | 'blocked' | 'cancelled' | 'closed' | 'declined' | 'linked' | 'unblocked' | 'unlinked';
  UserName?: string;
  How?: 'invitation' | 'link' | 'mutual';
  Note?: string;
  Undo?: boolean;
  Rev?: number;
}

/** What I asked, agreed to, refused and blocked, the newest first. `More`: there are older ones. */
export interface Ledger {
  Ledger: Consent[];
  More: boolean;
}

/** Every error over HTTP (RFC 9457, `application/problem+json`). */
export interface Problem {
  type?: string;
  status: number;
  title: string;
  code: string;
  field?: string;
}

/** Messages; the one frame without a `type`. */
export type Delivery = { [sessionId: string]: { [messageId: string]: StoredMessage } };

/** The sessions as `/api/load` gives them. */
export type Load = { [sessionId: string]: LoadedSession };

/** What a client may send. */
export type ClientFrame = Message | Messgae | Search | Request | Cancel | Block | Unblock | Close | Link | Unlink
  | Redeem | Resume | Delivered | Read | Typing | Settings | Password | Revoke | DeleteAccount;

/** What a server sends, beside `Delivery`. */
export type ServerFrame = PopUp | Invite | Resolved | Blocked | Linked | Session | Closed | SettingsChanged | Mark
  | IsTyping | Status | Welcome | Resumed | Reset | Beat | Done | Error;

/** What stands in `Done` beside `Ref`, by the type of the frame that it answers. */
export interface Results {
  Message: Sent;
  Search: Asked | Begun;
  request: Begun | Nothing;
  Cancel: Nothing;
  Block: Nothing;
  Unblock: Nothing;
  Close: Nothing;
  Link: Made;
  Unlink: Nothing;
  Redeem: Begun;
  Resume: Nothing;
  Delivered: Nothing;
  Read: Nothing;
  Typing: Nothing;
  Settings: Nothing;
  Password: Nothing;
  Revoke: Nothing;
  DeleteAccount: Nothing;
}

/** What a refusal means. More may come. */
export type Code = 'malformed' | 'unknown_field' | 'unknown_type' | 'too_large' | 'not_json' | 'token_in_url'
  | 'username_taken' | 'username_invalid' | 'password_weak' | 'wrong_password' | 'unauthorized' | 'csrf' | 'origin'
  | 'wrong_host' | 'not_found' | 'user_not_found' | 'self' | 'no_invitation' | 'gone' | 'you_blocked' | 'closed'
  | 'open' | 'not_you' | 'empty' | 'too_long' | 'nonce_reused' | 'slow_down' | 'unavailable' | 'storage_full'
  | 'internal' | 'bad_request' | 'method_not_allowed' | 'headers_too_large' | 'upgrade_required';

/** How the server ends a socket that broke no rule. */
export type ClosingCode = 1008 | 1011 | 1012 | 1013 | 4001 | 4002 | 4003 | 4401 | 4409 | 4429;

/** The limits, each as a literal. */
export interface Bounds {
  /** Bytes of one frame, in all its fragments, and of one body. */
  readonly FRAME_BYTES: 65536;
  /** Requests of one connection in work; then the socket is not read. */
  readonly IN_FLIGHT: 32;
  /** Characters of `data`. */
  readonly DATA_CHARACTERS: 8000;
  /** Bytes of `data` in UTF-8. */
  readonly DATA_BYTES: 16384;
  /** Characters of a password after NFC, at least and at most. */
  readonly PASSWORD_CHARACTERS: readonly [8, 128];
  /** Bytes of a password in UTF-8. */
  readonly PASSWORD_BYTES: 1024;
  /** Sessions in one `Resume`. */
  readonly RESUME_SESSIONS: 1000;
  /** Events behind which a stream is still made whole; a stream further behind gets `Reset`. */
  readonly RESUME_EVENTS: 1000;
  /** Seconds between two `Beat`s. */
  readonly HEARTBEAT_SECONDS: 25;
  /** Messages of each session in load and snapshot, and of a page of history, where nothing is asked for. */
  readonly LOAD_MESSAGES: 50;
  /** Messages of each session that `?messages=` may ask for. */
  readonly LOAD_MESSAGES_MOST: 200;
  /** Messages of one load or snapshot; the newest one of each session is there in any case. */
  readonly LOAD_TOTAL: 5000;
  /** Messages of one page of history. */
  readonly HISTORY_LIMIT: 200;
  /** Days until an invitation lapses. */
  readonly INVITATION_DAYS: 14;
  /** Minutes after which invitations that made no pop-up are shown in one together: a matter of each client. */
  readonly DIGEST_MINUTES: 30;
  /** Lines of one answer of the ledger. */
  readonly LEDGER_LINES: 1000;
  /** Characters of the note that goes with an invitation. */
  readonly NOTE_CHARACTERS: 140;
  /** Of so many of a session's last numbers the unread messages are counted. */
  readonly UNREAD_MOST: 1000;
  /** Seconds that the `UsedAt` of a login may lie before its last use: it is not written more often. */
  readonly USED_SECONDS: 3600;
}
