package run

// Progress says how far long work is.
type Progress struct {
	Statement  int
	What       string
	Rows       int64
	Failed     int64
	Bytes      int64
	TotalBytes int64
	Done       bool
}
