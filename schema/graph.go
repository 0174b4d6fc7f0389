package schema

import (
	"encoding/json"
	"strings"
)

// A graph is a JSON-LD @graph: a list of objects that refer to one another by @id.
type graph struct {
	list []map[string]json.RawMessage
	byID map[string]json.RawMessage
}

// graphOf is the graph that an object holds, nil if none.
func graphOf(object map[string]json.RawMessage) *graph {
	raw, ok := object["@graph"]
	if !ok || typeOf(raw) != '[' {
		return nil
	}
	var list []json.RawMessage
	json.Unmarshal(raw, &list)
	g := &graph{byID: map[string]json.RawMessage{}}
	for _, raw := range list {
		var o map[string]json.RawMessage
		if json.Unmarshal(raw, &o) != nil {
			continue
		}
		g.list = append(g.list, o)
		if id, ok := idOf(o); ok {
			g.byID[id] = raw
		}
	}
	return g
}

// article is the graph's first article, or else what is given.
func (g *graph) article(otherwise map[string]json.RawMessage) map[string]json.RawMessage {
	for _, o := range g.list {
		if isArticle(o["@type"]) {
			return o
		}
	}
	return otherwise
}

// follow is the object that a mere reference {"@id": …} stands for, nil if none, and its id.
func (g *graph) follow(object map[string]json.RawMessage) (string, json.RawMessage) {
	id, ok := idOf(object)
	if g == nil || !ok {
		return "", nil
	}
	return id, g.byID[id]
}

func idOf(object map[string]json.RawMessage) (string, bool) {
	var id string
	if raw, ok := object["@id"]; !ok || json.Unmarshal(raw, &id) != nil {
		return "", false
	}
	return id, id != ""
}

// isArticle reports whether a schema.org type is some kind of article: NewsArticle, ReportageNewsArticle, Article,
// BlogPosting, LiveBlogPosting, Report.
func isArticle(raw json.RawMessage) bool {
	s := shape{most: -1}
	s.read(raw, "@type", 0)
	for _, t := range s.values {
		t = t[strings.LastIndexByte(t, '/')+1:]
		if strings.HasSuffix(t, "Article") || strings.HasSuffix(t, "BlogPosting") || t == "Report" {
			return true
		}
	}
	return false
}

// ParseJSONLD reads an article from JSON-LD as web pages embed it: an object, a list of objects, or a @graph, of which
// the one counts that is an article (schema.org's NewsArticle and its kin) and has the longest text. It is false where
// there is none. What pages get wrong is passed over: the article may lack anything, its text too.
func ParseJSONLD(data []byte) (Article, bool) {
	var best Article
	found := false
	if invalidUTF8(data) >= 0 || tooDeep(data, maxDepth) >= 0 {
		return best, false
	}
	var list []json.RawMessage
	if json.Unmarshal(data, &list) != nil {
		list = []json.RawMessage{data}
	}
	for _, raw := range list {
		var object map[string]json.RawMessage
		if json.Unmarshal(raw, &object) != nil {
			continue
		}
		p := &parser{object: object, graph: graphOf(object)}
		if p.graph != nil && !isArticle(object["@type"]) {
			p.object = p.graph.article(object)
		}
		if !isArticle(p.object["@type"]) {
			continue
		}
		if a, _ := p.article(); !found || len(a.Text) > len(best.Text) {
			best, found = a, true
		}
	}
	return best, found
}
