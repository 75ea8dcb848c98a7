package models

// Assumption is a fact about Messenger that its documents leave open or tell in two ways, and what we take it to be. The screens
// have its words under its id.
type Assumption struct {
	ID string
	// Setting is the Page setting that changes it, by its form's field; "" where it is fixed, being the safe reading.
	Setting string
	// Source is where the platform says what it says.
	Source string
}

// Assumptions are all of them, in the order of the screen. What stands here is decided nowhere else.
func Assumptions() []Assumption {
	return []Assumption{
		{ID: "tap_window", Setting: "opt_in_tap_opens_window", Source: "Messenger FAQ, One-Time Notification"},
		{ID: "ad_click", Source: "Messenger Platform policy, 2026-09-11"},
		{ID: "comment_window", Source: "Private Replies, 2026-04-16 · Send a Message, 2026-09-11"},
		{ID: "link_window", Source: "Messenger Platform policy, 2026-09-11 · m.me links"},
		{ID: "automation", Setting: "disclose_automation", Source: "Messenger Platform policy, 2026-09-11"},
		{ID: "otn_alive", Source: "Messenger Platform policy, 2026-09-11 (beta)"},
		{ID: "otn_europe", Source: "Europe & Japan updates"},
		{ID: "dead_token", Source: "Common Error Codes, 2026-06-25"},
		{ID: "ask_again", Source: "Messenger FAQ, One-Time Notification"},
		{ID: "feature_names", Source: "Graph API, messaging_feature_review"},
		{ID: "private_limit", Source: "Messenger rate limits, 2026-03-23"},
		{ID: "rate", Setting: "rate", Source: "Messenger rate limits, 2026-03-23"},
		{ID: "unavailable", Source: "Common Error Codes, 2026-06-25 · Send a Message, 2026-09-11"},
		{ID: "commerce", Source: "Common Error Codes, 2026-06-25"},
		{ID: "thread_owner", Source: "Handover, webhook reference"},
		{ID: "guest", Source: "Checkbox plugin, webhook reference"},
		{ID: "webhook_time", Source: "Webhooks · App Review"},
		{ID: "webhook_many", Source: "Webhook reference"},
		{ID: "opt_in_field", Source: "One-Time Notification · Webhook reference"},
		{ID: "second_tap", Source: "One-Time Notification"},
		{ID: "recurring_where", Setting: "opt_in_product", Source: "Marketing Messages FAQ: 2026-01-12 and 2026-02-10"},
		{ID: "recurring_pace", Source: "Marketing Messages, 2025-09-01 · Common Error Codes, 2026-06-25"},
		{ID: "utility_permission", Source: "Utility Messages · Facebook Login"},
		{ID: "utility_review", Source: "Utility Messages · Webhook reference"},
		{ID: "human_agent", Source: "Messenger Platform policy, 2026-09-11 · Common Error Codes, 2026-06-25"},
	}
}
