// Package messenger speaks the Messenger Platform's wire in both directions: it checks and reads what Meta
// posts to us (signatures, signed requests, webhook payloads), and makes the Graph API calls by which a Page
// sends, subscribes and describes itself. It decides nothing about people, products or tokens; it turns bytes
// into the words of package models, and those words into bytes.
//
// # Webhooks
//
// Verify holds a body against its X-Hub-Signature-256, over the bytes as they came: Meta signs an escaped form
// of the JSON, which a parsed and re-written body is not. Parse then reads every item of the envelope into a
// models.Event. One malformed item never rejects its neighbours; it is kept as models.EventOther. Event.Key is
// the same however often an event is delivered.
//
// # Sending
//
// Client.Send makes one call and never a second one. What each models.SendKind puts on the wire:
//
//	kind             recipient             messaging_type  tag
//	reply            id, user_ref          RESPONSE
//	request          id, user_ref          UPDATE
//	private_reply    comment_id            (none)
//	notification     one_time_notif_token  (none)
//	human_agent      id                    MESSAGE_TAG     HUMAN_AGENT
//	confirmed_event  id                    MESSAGE_TAG     CONFIRMED_EVENT_UPDATE
//	post_purchase    id                    MESSAGE_TAG     POST_PURCHASE_UPDATE
//	account_update   id                    MESSAGE_TAG     ACCOUNT_UPDATE
//	broadcast        id                    MESSAGE_TAG     NON_PROMOTIONAL_SUBSCRIPTION
//	utility          id                    UTILITY
//	recurring        notification_messages_token  (none)
//
// Private replies and notifications carry no messaging_type because Meta's samples for them carry none. A
// request is UPDATE rather than RESPONSE because it is often ours to begin (the item just sold out); both are
// legal inside the standard window, and UPDATE is what a library tested against the platform sends.
//
// The answer is read from the body's code and subcode, never from its text, which is localised, and from the
// HTTP status only where the body says nothing (see classify for the table). Its sources are Meta's "Common
// Error Codes" page (updated 25 June 2026), the Graph API's error-handling and rate-limiting guides, and
// captured answers; every body in testdata/errors was documented or captured, and its name says what it is.
//
// # Secrets
//
// Access tokens travel in the Authorization header only. Errors, answers and the String methods of this package
// hold no access token, no one-time token, no app secret and no appsecret_proof.
package messenger
