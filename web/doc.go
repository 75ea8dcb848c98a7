// Package web is everything that speaks HTTP with people, shop systems, scripts and Meta: routes, pages, webhooks,
// the API, sessions and the answers to what goes wrong. Its subpackages hold the wire formats.
//
// A handler reads, verifies, calls and replies. It names what it calls in an interface of a few methods beside
// itself; Config holds whatever satisfies them. Every address is a line of the table in routes.go.
package web
