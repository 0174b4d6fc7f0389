package schema

import (
	"bytes"
	"encoding/json"
	"go/ast"
	goparser "go/parser"
	"go/token"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

func compileSchema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(JSONSchema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(URI, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(URI)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func validate(t testing.TB, s *jsonschema.Schema, data []byte) error {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(v)
}

func TestJSONSchemaAccepts(t *testing.T) {
	s := compileSchema(t)
	whole := made()
	bare := made()
	bare.Article, _ = Article{Text: madeText}.About()
	bare.Entities, bare.Quotes, bare.Warnings, bare.Extractor.Models = []Entity{}, []Quote{}, []Warning{}, []Model{}
	bare = signed(bare)
	spare := made()
	spare.Entities[0].Link, spare.Entities[1].Place, spare.Entities[0].Roles[0].Of = nil, &Geography{}, nil
	spare.Quotes[0].Cue, spare.Quotes[0].Speaker = nil, nil
	spare.Quotes[1].Speaker.Method, spare.Quotes[1].Speaker.Start, spare.Quotes[1].Speaker.End, spare.Quotes[1].Speaker.Text = MethodContinued, 0, 0, ""
	for _, r := range []Record{whole, bare, spare} {
		if err := r.Check(madeText); err != nil {
			t.Fatal(err)
		}
		data, err := r.JSON()
		if err != nil {
			t.Fatal(err)
		}
		if err := validate(t, s, data); err != nil {
			t.Errorf("%s\n%s", err, data)
		}
	}
}

// TestJSONSchemaRefuses takes away, and spoils, each value of a whole record in turn; the schema must mind every one
// that it should.
func TestJSONSchemaRefuses(t *testing.T) {
	s := compileSchema(t)
	data, _ := made().JSON()
	var record any
	json.Unmarshal(data, &record)
	optional := []string{".article.text", ".article.copy_of", ".entities.link", ".entities.place", ".entities.roles.of",
		".quotes.speaker.confidence", ".entities.roles.tenure", ".quotes.speaker.joint", ".quotes.speaker.of", ".extractor.models.sha256"}
	changes := 0
	refused := func(what string, wanted bool) {
		t.Helper()
		changes++
		changed, _ := json.Marshal(record)
		if err := validate(t, s, changed); (err != nil) != wanted {
			t.Errorf("%s: error %v, want one: %v", what, err, wanted)
		}
	}
	var walk func(v any, path string)
	walk = func(v any, path string) {
		switch v := v.(type) {
		case map[string]any:
			for _, name := range slices.Sorted(maps.Keys(v)) {
				member := v[name]
				at := path + "." + name
				delete(v, name)
				refused("without "+at, !slices.Contains(optional, at))
				v[name] = true // nothing in a record is a boolean
				refused("a boolean for "+at, true)
				v[name] = member
				walk(member, at)
			}
			v["extra"] = "x"
			refused("more than "+path, true)
			delete(v, "extra")
		case []any:
			for i := range v {
				member := v[i]
				v[i] = true
				refused("a boolean in "+path, true)
				v[i] = member
				walk(member, path)
			}
		}
	}
	walk(record, "")
	if changes < 300 {
		t.Errorf("only %d changes tried", changes)
	}

	spoilt := map[string]func(r *Record){
		"schema":         func(r *Record) { r.Schema += "0" },
		"id":             func(r *Record) { r.ID = "xyz" },
		"unit":           func(r *Record) { r.Offsets.Unit = "byte" },
		"kind":           func(r *Record) { r.Entities[0].Kind = "ship" },
		"form":           func(r *Record) { r.Entities[0].Mentions[0].Form = "x" },
		"mentions":       func(r *Record) { r.Entities[0].Mentions = []Mention{} },
		"start":          func(r *Record) { r.Entities[0].Mentions[0].Start = -1 },
		"alias twice":    func(r *Record) { r.Entities[0].Aliases = []string{"a", "a"} },
		"confidence":     func(r *Record) { r.Entities[0].Confidence = 1.5 },
		"person's place": func(r *Record) { r.Entities[0].Place = &Geography{} },
		"latitude":       func(r *Record) { lat := 91.0; r.Entities[1].Place.Lat = &lat },
		"quote kind":     func(r *Record) { r.Quotes[0].Kind = "partial" },
		"act":            func(r *Record) { r.Quotes[0].Act = "song" },
		"spans":          func(r *Record) { r.Quotes[0].Spans = []Span{} },
		"empty speaker":  func(r *Record) { r.Quotes[0].Speaker.Text = "" },
		"method":         func(r *Record) { r.Quotes[0].Speaker.Method = "guess" },
		"warning":        func(r *Record) { r.Warnings[0].Code = "oops" },
		"date":           func(r *Record) { d := "1 May 2026"; r.Article.PublishedAt = &d },
		"language":       func(r *Record) { l := "English"; r.Article.Language = &l },
		"fingerprint":    func(r *Record) { r.Extractor.Fingerprint = "1" },
	}
	for what, spoil := range spoilt {
		r := made()
		spoil(&r)
		data, _ := r.JSON()
		if validate(t, s, data) == nil {
			t.Errorf("%s: passed", what)
		}
	}
}

// TestJSONSchemaFields compares the schema with the Go types: the same fields, the same ones required, and each
// described.
func TestJSONSchemaFields(t *testing.T) {
	var doc map[string]any
	if err := json.Unmarshal(JSONSchema, &doc); err != nil {
		t.Fatal(err)
	}
	if doc["$id"] != URI {
		t.Errorf("$id is %v, want %s", doc["$id"], URI)
	}
	defs := doc["$defs"].(map[string]any)
	seen := map[string]bool{"sha256": true, "offset": true, "probability": true}

	var same func(typ reflect.Type, s map[string]any, path string)
	resolve := func(s map[string]any) map[string]any {
		if list, ok := s["anyOf"].([]any); ok {
			s = list[0].(map[string]any)
		}
		if ref, ok := s["$ref"].(string); ok {
			name := strings.TrimPrefix(ref, "#/$defs/")
			seen[name] = true
			s = defs[name].(map[string]any)
		}
		return s
	}
	same = func(typ reflect.Type, s map[string]any, path string) {
		nullable := typ.Kind() == reflect.Pointer
		if nullable {
			typ = typ.Elem()
		}
		switch typ.Kind() {
		case reflect.Slice:
			if s["type"] != "array" {
				t.Errorf("%s is no array", path)
				return
			}
			same(typ.Elem(), resolve(s["items"].(map[string]any)), path+"[]")
		case reflect.Struct:
			s = resolve(s)
			props, _ := s["properties"].(map[string]any)
			required, _ := s["required"].([]any)
			if len(props) != typ.NumField() {
				t.Errorf("%s has %d properties, %v has %d fields", path, len(props), typ, typ.NumField())
			}
			if s["additionalProperties"] != false {
				t.Errorf("%s allows more", path)
			}
			for i := range typ.NumField() {
				field := typ.Field(i)
				name, opts, _ := strings.Cut(field.Tag.Get("json"), ",")
				prop, ok := props[name].(map[string]any)
				if !ok {
					t.Errorf("%s.%s is not in the schema", path, name)
					continue
				}
				if prop["description"] == nil {
					t.Errorf("%s.%s is not described", path, name)
				}
				if slices.Contains(required, any(name)) == (opts == "omitempty") {
					t.Errorf("%s.%s: required in one, optional in the other", path, name)
				}
				same(field.Type, prop, path+"."+name)
			}
		case reflect.String, reflect.Int, reflect.Float64:
			s = resolve(s)
			want := map[reflect.Kind]string{reflect.String: "string", reflect.Int: "integer", reflect.Float64: "number"}[typ.Kind()]
			types, isList := s["type"].([]any)
			switch {
			case s["const"] != nil || s["enum"] != nil:
			case isList && types[0] != want, !isList && s["type"] != want:
				t.Errorf("%s is %v, want %s", path, s["type"], want)
			}
		default:
			t.Errorf("%s has type %v", path, typ)
		}
	}
	same(reflect.TypeFor[Record](), doc, "record")
	for name := range defs {
		if !seen[name] {
			t.Errorf("$defs/%s is not used", name)
		}
	}
}

// TestJSONSchemaConstants finds the constants of record.go in the schema's enums, and nothing else there.
func TestJSONSchemaConstants(t *testing.T) {
	file, err := goparser.ParseFile(token.NewFileSet(), "record.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	declared := map[string]bool{}
	for _, d := range file.Decls {
		if d, ok := d.(*ast.GenDecl); ok && d.Tok == token.CONST {
			for _, s := range d.Specs {
				for _, v := range s.(*ast.ValueSpec).Values {
					s, err := strconv.Unquote(v.(*ast.BasicLit).Value)
					if err != nil {
						t.Fatal(err)
					}
					declared[s] = true
				}
			}
		}
	}
	listed := map[string]bool{}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if list, ok := v["enum"].([]any); ok {
				for _, s := range list {
					listed[s.(string)] = true
				}
			}
			for _, member := range v {
				walk(member)
			}
		case []any:
			for _, member := range v {
				walk(member)
			}
		}
	}
	var doc any
	json.Unmarshal(JSONSchema, &doc)
	walk(doc)
	if !reflect.DeepEqual(declared, listed) {
		t.Errorf("constants %v\nenums %v", declared, listed)
	}
	if len(declared) < 20 {
		t.Errorf("only %d constants found", len(declared))
	}
}
