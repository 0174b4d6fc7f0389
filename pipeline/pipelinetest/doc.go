// Package pipelinetest says what every source and every sink of the pipeline must do, as tests that each of them runs
// against itself.
package pipelinetest
