package coref

// Words cuts a name into the words that names are compared by: lower case, without accents, full stops, apostrophes and
// generational suffixes ("Jr."), hyphens taken for spaces, letters without decomposition spelled out ("ø" is "o").
// Initials that stand together are one word, "J. D." is "jd"; initials tells that the first word is such.
func Words(name string) (words []string, initials bool) {
	words, initials, _ = foldWords(name)
	return words, initials
}

// Given is the form of a folded given name under which its customary English short forms meet: "william" for "bill".
func Given(word string) string { return given(word) }
