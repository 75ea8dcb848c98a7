package messenger

import (
	"encoding/json"

	"bentornato/models"
)

// attached reads what each attachment is. Where it lies, and what it shows, is not kept.
func attached(raw list) []models.AttachmentKind {
	var kinds []models.AttachmentKind
	for _, one := range raw[:min(len(raw), models.MaxAttachments)] {
		var a struct {
			Type    text            `json:"type"`
			Payload json.RawMessage `json:"payload"`
		}
		kind := models.AttachmentOther
		if json.Unmarshal(one, &a) == nil {
			kind = attachmentKind(string(a.Type), a.Payload)
		}
		kinds = append(kinds, kind)
	}
	return kinds
}

// attachmentKind reads an attachment's type. A thumbs-up is an image with a sticker's id.
func attachmentKind(name string, raw json.RawMessage) models.AttachmentKind {
	switch name {
	case "image":
		var p struct {
			StickerID id `json:"sticker_id"`
		}
		if json.Unmarshal(raw, &p) == nil && p.StickerID != "" {
			return models.AttachmentSticker
		}
		return models.AttachmentImage
	case "sticker":
		return models.AttachmentSticker
	case "video", "reel", "ig_reel":
		return models.AttachmentVideo
	case "audio":
		return models.AttachmentAudio
	case "file":
		return models.AttachmentFile
	case "location":
		return models.AttachmentLocation
	case "fallback", "template", "post", "share":
		return models.AttachmentShare
	default:
		return models.AttachmentOther
	}
}
