package mention

// copula reads what a clause says that somebody is: "Reyes is the city's fire chief", ", who was a judge". Token i is the
// first one behind the name; the description begins behind the verb. Past tells that it is so no more, as far as the verb
// says. It is -1 where no such verb stands there.
func (s *search) copula(i, hi int) (start int, past bool) {
	if i+1 < hi && s.doc.TokenText(i) == "," && s.low(i+1) == "who" {
		i += 2
	}
	low := func(k int) string {
		if k < hi {
			return s.low(k)
		}
		return ""
	}
	switch low(i) {
	case "is", "became", "becomes", "remains":
		i++
	case "was", "remained":
		i, past = i+1, true
	case "has", "had":
		if low(i+1) != "been" {
			return -1, false
		}
		past = low(i) == "had"
		i += 2
	case "serves", "works", "served", "worked":
		if low(i+1) != "as" {
			return -1, false
		}
		past = low(i) == "served" || low(i) == "worked"
		i += 2
	default:
		return -1, false
	}
	switch low(i) {
	case "now", "also", "currently", "still":
		i++
	case "once", "then", "formerly", "previously":
		i, past = i+1, true
	}
	if i >= hi {
		return -1, false
	}
	return i, past
}
