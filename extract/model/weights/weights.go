// Package weights embeds the trained readers, in packed safetensors. README.md is their model card.
package weights

import _ "embed"

// Accurate is the default reader: six transformer layers.
//
//go:embed accurate.safetensors.zst
var Accurate []byte

// Fast is the reader for archives: convolutions over word vectors, no transformer.
//
//go:embed fast.safetensors
var Fast []byte
