// Package sandbox is a pretend Messenger Platform that fits in a process: the Graph API a Page's app calls, the
// signed webhooks it receives, and phones to click in. The demo and the whole-program tests run against it.
//
// It is written from the platform's documentation and shares no code with the client or the rules of the product:
// a pretend platform that shared code with what it tests would agree with its mistakes. Where Meta documents nothing
// (the answers for a spent token, for one), the comment at the place says what was assumed.
//
// A send is judged in this order: access token (190) and appsecret_proof, the Page's restriction (10/1893063), rate
// (613, 80006), shape of the recipient (100), a person who cannot be reached (551 or 200/1545041), the thread's owner
// (2018300), limits of the content (100), and last the window, tag and token rules (10/2018278, 100). What is
// accepted puts a message into the person's chat and webhooks for its echo and its delivery into the queue.
//
// Webhooks are ASCII-only JSON signed over the exact bytes, sent in order per person, tried again until they are
// answered with 200, and given up after an hour of failures, when the Page's subscription is dropped.
//
// Everything kept is bounded by the Max constants. The platform keeps no files: it
// forgets when the process ends, unless it is told to Save and Load.
package sandbox
