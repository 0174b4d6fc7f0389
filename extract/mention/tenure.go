package mention

import (
	"strings"
	"unicode"

	"github.com/quotewire/quotewire/extract/text"
	"github.com/quotewire/quotewire/schema"
)

// Tenure tells how a role is held, by the words of its title and the verb that it stands behind: "the former mayor", "acting
// director", "ex-minister", "was the mayor". It is empty where nothing says more than that it is held.
func (r Role) Tenure(doc *text.Doc) schema.Tenure {
	for _, o := range r.Offices {
		if o == "former" { // by its verb, too
			return schema.Former
		}
	}
	title := strings.FieldsFunc(strings.ToLower(doc.Slice(r.Title)), func(r rune) bool { return !unicode.IsLetter(r) })
	for k, w := range title {
		switch w {
		case "former", "ex", "onetime", "erstwhile", "late", "then", "past", "retired", "ousted", "deposed":
			return schema.Former
		case "acting", "interim", "caretaker", "provisional":
			return schema.Acting
		case "incoming", "designate":
			return schema.Incoming
		case "elect":
			if k > 0 {
				return schema.Incoming
			}
		}
	}
	return ""
}
