// Command buildscope runs data and graph builds and explains them.
package main

import (
	"context"
	"os"

	"github.com/buildscope/buildscope/cli"
)

// version is set by the linker for releases.
var version = "0.1.0-dev"

func main() {
	os.Exit(cli.Main(context.Background(), cli.App{Version: version}, cli.Process()))
}
