// The frames and bodies of the protocol.
export interface MessageBody { data: string; TimeStamp?: string | null; Sender?: string | null }
export interface Message { type: 'Message'; Ref?: string | null; SessionID: string; Message: MessageBody; Nonce?: string | null }
export interface Search { type: 'Search'; Ref?: string | null; Username: string }
export interface Request { type: 'request'; Ref?: string | null; username: string; Accepted: number; Rev?: number | null }
export interface Resume { type: 'Resume'; Ref?: string | null; Epoch: string; Me: number; Sessions: { [id: string]: number } }
export interface PopUp { type: 'Search'; Seq?: number; UserName: string; Rev: number; Lapses: string }
export interface Invite { type: 'Invite'; Seq?: number; Username: string; State: 'sent' | 'none'; Lapses: string }
export interface Resolved { type: 'Resolved'; Seq?: number; UserName: string; Result: 'accepted' | 'declined' }
export interface Session { type: 'Session'; Seq?: number; SessionID: string; Users: { [id: string]: string } }
export interface Status { type: 'Status'; UserID: string; Status: 'Online' | 'Offline' }
export interface Limits { Message?: number; Frame?: number; InFlight?: number }
export interface Welcome { type: 'Welcome'; UserID: string; Username: string; Epoch: string; Heartbeat?: number; Limits: Limits }
export interface Resumed { type: 'Resumed' }
export interface Reset { type: 'Reset'; SessionID?: string | null }
export interface Beat { type: 'Beat' }
export interface Done { type: 'Done'; Ref: string }
export interface Error { type: 'Error'; Ref?: string | null; Code: string; Reason: string; Field?: string | null; RetryAfter?: number | null }
export interface Delivered { data: string; TimeStamp: string; Sender: string; ReceivedAt: string; Nonce?: string | null }
export interface LoadedSession { UserIds: { [id: string]: string }; Messages: { [id: string]: Delivered }; Seq: number; More: boolean; State: 'active' | 'closed'; Status: { [id: string]: 'Online' | 'Offline' } }
export interface Asking { Seq: number; Username: string; State: 'sent' | 'none'; Lapses: string }
export interface Invitation { Seq: number; UserName: string; Rev: number; Lapses: string }
export interface Me { Seq: number; UserID: string; Username: string; Invitations: Invitation[]; Asking: Asking[] }
export interface Snapshot { Epoch: string; Me: Me; Sessions: { [id: string]: LoadedSession } }
export interface History { Messages: { [id: string]: Delivered }; More: boolean }
export interface Problem { type?: string; status: number; title: string; code: string; field?: string | null; detail?: string | null }
export interface LoggedIn { UserID: string; Username: string; ExpiresAt: string; Token?: string | null }
export interface Registered { UserID: string; Username: string }
