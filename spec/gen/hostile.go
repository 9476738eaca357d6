package gen

import "strings"

// Hostile are texts that look like parts of generated scripts, of Lua, of
// commands or of RQL itself. They must be treated like any other text.
func Hostile() []string {
	all := make([]byte, 0, 128)
	for c := byte(0); c < 128; c++ {
		all = append(all, c)
	}
	return append(strings.Fields(`V[1] V[2] W1(d,n) W1(d,nil) C1(o) say() OUT= CUR=1 Q=true R_.x F[#F+1]=function() L1(t) A[Z+1] K[1] B[1]
		]] [[ --[[ ]==] -- ' '' " \ \' \\ \n \0 \091 %s %d %[1]s %1 $1 $p0 ${x} { } {s} [ ] ( ) < > ; , # : * ? / /* */ `+"`"+`
		and break do else elseif end false for function goto if in local nil not or repeat return then true until while
		NS KEYS ARGV redis.call('FLUSHALL') @s:{x} x|y null NULL now() !`),
		"return true end\n", "return true", "return {'+',AF,say(),OUT,CUR}\n", "\x01", "\x01read\n", "\x01row\n", "\x01write\n", "\x00", "\x7f", "\u0080\u009f\u202e", "é☃😀", " ", "\r\n", string(all))
}
