package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

func (completionCmd) Help() string {
	return `The script is printed; where it belongs depends on the shell:

    quotewire completion bash > ~/.local/share/bash-completion/completions/quotewire
    quotewire completion zsh > "${fpath[1]}/_quotewire"
    quotewire completion fish > ~/.config/fish/completions/quotewire.fish`
}

// A word is something that completion offers, with a line that says what it is.
type word struct {
	name   string   // "extract", "--format"
	help   string   //
	values []string // of a flag with a fixed choice
	takes  bool     // the flag wants a value
	subs   []string // of a verb: words that may follow it
}

func (c *completionCmd) Run(a *app) error {
	var verbs []word
	flags := map[string][]word{} // by verb; "" for those of all
	flags[""] = words(a.parser.Model.Flags)
	for _, v := range a.parser.Model.Children {
		verbs = append(verbs, word{name: v.Name, help: v.Help})
		flags[v.Name] = words(v.Flags)
		for _, sub := range v.Children { // offered together: the few flags that one of them lacks, it refuses
			verbs[len(verbs)-1].subs = append(verbs[len(verbs)-1].subs, sub.Name)
			for _, f := range words(sub.Flags) {
				if !slices.ContainsFunc(flags[v.Name], func(has word) bool { return has.name == f.name }) {
					flags[v.Name] = append(flags[v.Name], f)
				}
			}
		}
		if v.Name == "completion" {
			verbs[len(verbs)-1].subs = []string{"bash", "zsh", "fish"}
		}
	}
	script := map[string]func([]word, map[string][]word) string{"bash": bash, "zsh": zsh, "fish": fish}[c.Shell]
	_, err := fmt.Fprint(a.stdout, script(verbs, flags))
	return err
}

func words(flags []*kong.Flag) []word {
	var ws []word
	for _, f := range flags {
		if f.Hidden {
			continue
		}
		w := word{name: "--" + f.Name, help: f.Help, takes: !f.IsBool()}
		if f.Enum != "" {
			w.values = slices.DeleteFunc(strings.Split(f.Enum, ","), func(v string) bool { return v == "" || v == "default" })
		}
		ws = append(ws, w)
	}
	return ws
}

func names(ws []word) string {
	var s []string
	for _, w := range ws {
		s = append(s, w.name)
	}
	return strings.Join(s, " ")
}

func bash(verbs []word, flags map[string][]word) string {
	var b strings.Builder
	b.WriteString(`# bash completion of quotewire
_quotewire() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} verb= w
	for w in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
		case $w in
`)
	fmt.Fprintf(&b, "\t\t%s) verb=$w; break ;;\n", strings.ReplaceAll(names(verbs), " ", "|"))
	b.WriteString("\t\tesac\n\tdone\n\tcase $prev in\n")
	seen := map[string]bool{}
	for _, verb := range append([]word{{}}, verbs...) {
		for _, f := range flags[verb.name] {
			if len(f.values) > 0 && !seen[f.name] {
				seen[f.name] = true
				fmt.Fprintf(&b, "\t%s) COMPREPLY=($(compgen -W '%s' -- \"$cur\")); return ;;\n", f.name, strings.Join(f.values, " "))
			}
		}
	}
	var subs []string
	for _, verb := range verbs {
		if len(verb.subs) > 0 {
			subs = append(subs, verb.name)
		}
	}
	b.WriteString("\tesac\n\tlocal subs='" + strings.Join(subs, " ") + "' words='" + names(flags[""]) + "'\n\tcase $verb in\n")
	fmt.Fprintf(&b, "\t'') words+=' %s' ;;\n", names(verbs))
	for _, verb := range verbs {
		extra := names(flags[verb.name]) + " " + strings.Join(verb.subs, " ")
		fmt.Fprintf(&b, "\t%s) words+=' %s' ;;\n", verb.name, strings.TrimSpace(extra))
	}
	b.WriteString(`	esac
	if [[ $cur == -* || -z $verb || $verb == $prev && " $subs " == *" $verb "* ]]; then
		COMPREPLY=($(compgen -W "$words" -- "$cur"))
	fi
}
complete -o default -F _quotewire quotewire
`)
	return b.String()
}

func zsh(verbs []word, flags map[string][]word) string {
	quote := func(s string) string {
		return strings.NewReplacer(`'`, `'\''`, `[`, `\[`, `]`, `\]`, `:`, `\:`).Replace(s)
	}
	spec := func(f word) string {
		s := f.name + "[" + quote(f.help) + "]"
		switch {
		case len(f.values) > 0:
			s += ":value:(" + strings.Join(f.values, " ") + ")"
		case f.takes:
			s += ":value:_files"
		}
		return "'" + s + "'"
	}
	var b strings.Builder
	b.WriteString("#compdef quotewire\n_quotewire() {\n\tlocal -a verbs=(\n")
	for _, v := range verbs {
		fmt.Fprintf(&b, "\t\t'%s:%s'\n", v.name, quote(v.help))
	}
	b.WriteString("\t)\n\tlocal -a shared=(\n")
	for _, f := range flags[""] {
		fmt.Fprintf(&b, "\t\t%s\n", spec(f))
	}
	b.WriteString("\t)\n\tif (( CURRENT == 2 )); then\n\t\t_describe verb verbs\n\t\t_arguments $shared\n\t\treturn\n\tfi\n\tcase ${words[2]} in\n")
	for _, v := range verbs {
		fmt.Fprintf(&b, "\t%s) _arguments $shared", v.name)
		for _, f := range flags[v.name] {
			fmt.Fprintf(&b, " \\\n\t\t%s", spec(f))
		}
		if len(v.subs) > 0 {
			b.WriteString(" \\\n\t\t'1:what:(" + strings.Join(v.subs, " ") + ")' ;;\n")
		} else {
			b.WriteString(" \\\n\t\t'*:file:_files' ;;\n")
		}
	}
	b.WriteString("\tesac\n}\nif [ \"$funcstack[1]\" = \"_quotewire\" ]; then _quotewire; else compdef _quotewire quotewire; fi\n")
	return b.String()
}

func fish(verbs []word, flags map[string][]word) string {
	quote := func(s string) string { return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'" }
	var b strings.Builder
	b.WriteString("# fish completion of quotewire\n")
	flag := func(f word, condition string) {
		b.WriteString("complete -c quotewire" + condition + " -l " + strings.TrimPrefix(f.name, "--") + " -d " + quote(f.help))
		switch {
		case len(f.values) > 0:
			b.WriteString(" -x -a " + quote(strings.Join(f.values, " ")))
		case f.takes:
			b.WriteString(" -r")
		}
		b.WriteString("\n")
	}
	for _, f := range flags[""] {
		flag(f, "")
	}
	for _, v := range verbs {
		fmt.Fprintf(&b, "complete -c quotewire -n __fish_use_subcommand -f -a %s -d %s\n", v.name, quote(v.help))
		for _, f := range flags[v.name] {
			flag(f, " -n '__fish_seen_subcommand_from "+v.name+"'")
		}
	}
	for _, v := range verbs {
		if len(v.subs) > 0 {
			fmt.Fprintf(&b, "complete -c quotewire -n '__fish_seen_subcommand_from %s' -f -a '%s'\n", v.name, strings.Join(v.subs, " "))
		}
	}
	return b.String()
}
