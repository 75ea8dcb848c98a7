package sandbox

import (
	"encoding/json"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Limits of files (Send API reference and Attachment Upload API).
const (
	// maxUpload is the largest upload that is taken, in bytes.
	maxUpload = 25 << 20
	// maxAttachments is how many uploads of a Page are remembered.
	maxAttachments = 1000
)

// Attachment is a file that a Page sends. Of one that was uploaded only the name is kept, and so nothing to look at.
type Attachment struct {
	Kind string // image, audio, video or file
	URL  string
	Name string
}

// label is what the phone shows of it.
func (a Attachment) label() string {
	if a.Name != "" {
		return a.Kind + " · " + a.Name
	}
	if u, err := url.Parse(a.URL); err == nil {
		return a.Kind + " · " + u.Host + u.Path
	}
	return a.Kind
}

func attachmentKinds() []string { return []string{attachmentImage, "audio", "video", "file"} }

// wireFile is the payload of an attachment that is no template. The number is quoted by some and bare by others.
type wireFile struct {
	URL      string          `json:"url"`
	ID       json.RawMessage `json:"attachment_id"`
	Reusable bool            `json:"is_reusable"`
}

// readFile reads an attachment by its address, by the number of an earlier upload, or uploaded with the call.
func (g *page) readFile(kind string, raw json.RawMessage, upload string) (Attachment, *graphError) {
	var f wireFile
	if len(raw) > 0 && json.Unmarshal(raw, &f) != nil {
		return Attachment{}, invalid("Param message[attachment][payload] must be a valid payload object.")
	}
	if !slices.Contains(attachmentKinds(), kind) {
		return Attachment{}, invalid("Param message[attachment][type] must be one of {%s, template} - got %q.", strings.Join(attachmentKinds(), ", "), kind)
	}
	switch id := strings.Trim(string(f.ID), `"`); {
	case id != "" && id != "null":
		a, ok := g.attachments[id]
		if !ok {
			return a, invalid("Param attachment_id is not an attachment of this Page.")
		}
		if a.Kind != kind {
			return a, &graphError{Code: 100, Subcode: 2018047, Message: "(#100) Upload attachment failure. The type does not match the attachment's."}
		}
		return a, nil
	case f.URL != "" && webURL(f.URL):
		return Attachment{Kind: kind, URL: f.URL}, nil
	case upload != "" && f.URL == "":
		return Attachment{Kind: kind, Name: upload}, nil
	}
	return Attachment{}, unfetchable()
}

// readAttached is the content of a message that is a file.
func (g *page) readAttached(c Content, w wireAttachment, upload string) (Content, *graphError) {
	a, err := g.readFile(w.Type, w.Payload, upload)
	if err != nil {
		return c, err
	}
	var f wireFile
	c.Reusable = json.Unmarshal(w.Payload, &f) == nil && f.Reusable
	if c.File = a; a.Kind == attachmentImage && a.URL != "" {
		c.Image = a.URL
	}
	return c, nil
}

// uploadAttachment answers POST /{page}/message_attachments.
func (p *Platform) uploadAttachment(c *graphCall, g *page) (any, *graphError) {
	if err := requireMethod(c, http.MethodPost); err != nil {
		return nil, err
	}
	var m struct {
		Attachment *wireAttachment `json:"attachment"`
	}
	if raw := c.raw("message"); raw == nil || json.Unmarshal(raw, &m) != nil || m.Attachment == nil {
		return nil, invalid("Param message must hold an attachment.")
	}
	a, err := g.readFile(m.Attachment.Type, m.Attachment.Payload, c.upload)
	if err != nil {
		return nil, err
	}
	id, err := p.keepAttachment(g, a)
	if err != nil {
		return nil, err
	}
	return map[string]string{"attachment_id": id}, nil
}

func (p *Platform) keepAttachment(g *page, a Attachment) (string, *graphError) {
	if len(g.attachments) >= maxAttachments {
		return "", invalid("This sandbox remembers %d attachments of a Page.", maxAttachments)
	}
	if g.attachments == nil {
		g.attachments = map[string]Attachment{}
	}
	id := p.digits(16)
	g.attachments[id] = a
	return id, nil
}

// readParts reads a body of several parts: parameters, and a file of which only the name is kept.
func (c *graphCall) readParts(body io.Reader, boundary string) (url.Values, error) {
	form := url.Values{}
	for parts := multipart.NewReader(body, boundary); ; {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return form, nil
		}
		if err != nil {
			return form, err
		}
		if name := part.FileName(); name != "" {
			c.upload = name
			if _, err := io.Copy(io.Discard, part); err != nil {
				return form, err
			}
			continue
		}
		value, err := io.ReadAll(io.LimitReader(part, maxBody))
		if err != nil {
			return form, err
		}
		form.Add(part.FormName(), string(value))
	}
}

// mediaTemplate and receiptTemplate are shown by what matters of them.
type mediaTemplate struct {
	Elements []struct {
		MediaType string          `json:"media_type"`
		URL       string          `json:"url"`
		ID        json.RawMessage `json:"attachment_id"`
		Buttons   []Button        `json:"buttons"`
	} `json:"elements"`
}

type receiptTemplate struct {
	Recipient string `json:"recipient_name"`
	Order     string `json:"order_number"`
	Currency  string `json:"currency"`
	Payment   string `json:"payment_method"`
	Summary   *struct {
		Total json.Number `json:"total_cost"`
	} `json:"summary"`
}

// readMedia reads a media template: one picture or video with at most three buttons.
func (g *page) readMedia(c Content, raw json.RawMessage) (Content, *graphError) {
	var t mediaTemplate
	if json.Unmarshal(raw, &t) != nil || len(t.Elements) != 1 {
		return c, invalid("Param message[attachment][payload][elements] must have exactly 1 element.")
	}
	e := t.Elements[0]
	if e.MediaType != "image" && e.MediaType != "video" {
		return c, invalid("Param media_type must be one of {image, video} - got %q.", e.MediaType)
	}
	file, err := json.Marshal(map[string]any{"url": e.URL, "attachment_id": e.ID})
	if err != nil {
		return c, invalid("Param elements must be a list.")
	}
	var refused *graphError
	if c.File, refused = g.readFile(e.MediaType, file, ""); refused != nil {
		return c, refused
	}
	c.Buttons = e.Buttons
	return c, checkButtons(e.Buttons)
}

// readReceipt reads a receipt template.
func readReceipt(c Content, raw json.RawMessage) (Content, *graphError) {
	var t receiptTemplate
	if json.Unmarshal(raw, &t) != nil {
		return c, invalid("Param message[attachment][payload] must be a valid payload object.")
	}
	for _, one := range []struct{ name, value string }{
		{"recipient_name", t.Recipient}, {"order_number", t.Order}, {"currency", t.Currency}, {"payment_method", t.Payment},
	} {
		if one.value == "" {
			return c, invalid("The parameter message[attachment][payload][%s] is required.", one.name)
		}
	}
	if t.Summary == nil || t.Summary.Total == "" {
		return c, invalid("The parameter message[attachment][payload][summary][total_cost] is required.")
	}
	c.Title, c.Text = t.Recipient+" · "+t.Order, t.Summary.Total.String()+" "+t.Currency+" · "+t.Payment
	return c, nil
}
