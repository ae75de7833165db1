//go:build tools

// Package tools names the program to build, so that go.mod and go.sum pin all of its modules.
package tools

import _ "github.com/temporalio/cli/cmd/temporal"
