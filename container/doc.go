// Package container runs RQL's conformance scripts on server images, where
// Docker answers. It is a module of its own, so that programs which embed RQL
// do not inherit what it takes to start containers.
package container
