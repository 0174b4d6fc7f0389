package main

import (
	"fmt"
	"strings"

	"github.com/quotewire/quotewire/schema"
)

type schemaCmd struct {
	Article bool `help:"The names under which each field of an article is found, instead."`
}

func (schemaCmd) Help() string {
	return `A record is described by JSON Schema 2020-12; its "$id" changes with every change of form.

Examples:

    quotewire schema > record.schema.json
    quotewire schema --article`
}

func (c *schemaCmd) Run(a *app) error {
	if !c.Article {
		_, err := a.stdout.Write(append(schema.JSONSchema[:len(schema.JSONSchema):len(schema.JSONSchema)], '\n'))
		return err
	}
	var b strings.Builder
	b.WriteString("An article is a JSON object, plain text or HTML. In JSON, each field is looked for under these names, in this order;\n" +
		"the first that is not empty counts. --field text=story.body takes it from elsewhere. Only text must be there.\n")
	for _, f := range schema.ArticleFields() {
		fmt.Fprintf(&b, "\n  %-13s", f)
		column := 15
		for i, name := range schema.Customary(f) {
			if i > 0 {
				b.WriteString(", ")
				column += 2
			}
			if column+len(name) > 98 {
				fmt.Fprintf(&b, "\n  %-13s", "")
				column = 15
			}
			b.WriteString(name)
			column += len(name)
		}
	}
	b.WriteString("\n")
	_, err := a.stdout.Write([]byte(b.String()))
	return err
}
