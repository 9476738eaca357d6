package fail

import (
	"strings"

	"github.com/rql-lang/rql/lang"
)

// ReplyWord returns the word that classifies an error of the server: its first word, or the one that its text stands for.
func ReplyWord(text string) string {
	word, _, _ := strings.Cut(strings.TrimPrefix(text, "ERR "), " ")
	word = strings.TrimPrefix(word, "-")
	if _, ok := replies[word]; ok {
		return word
	}
	for i := range refusals {
		if strings.Contains(text, refusals[i].text) {
			return refusals[i].word
		}
	}
	return word
}

// replies maps the first word of a server's error to what it means to the caller. None of these errors leaves a partial effect:
// scripts are refused as a whole.
var replies = map[string]struct {
	code lang.Code
	hint string
}{
	"OOM":         {lang.CodeOutOfMemory, "the server has reached maxmemory: free memory (DELETE works) or raise the limit"},
	"NOPERM":      {lang.CodeDenied, "this user's ACL does not allow it: RQL needs access to its own keys and to rql:*, +evalsha +eval and the commands that the message names"},
	"NOAUTH":      {lang.CodeDenied, "the server requires a password: redis://user:password@host"},
	"AUTH":        {lang.CodeDenied, "the server has no password: remove it from the URL, or name a user"},
	"WRONGPASS":   {lang.CodeDenied, "user name or password is wrong"},
	"READONLY":    {lang.CodeReadOnly, "this server is a replica: connect to the primary"},
	"NOREPLICAS":  {lang.CodeReadOnly, "the server has fewer replicas than min-replicas-to-write asks for"},
	"MISCONF":     {lang.CodeReadOnly, "the server cannot persist to disk and refuses writes: look at its log"},
	"MASTERDOWN":  {lang.CodeReadOnly, "the replica has lost its primary"},
	"BUSY":        {lang.CodeBusy, "a script runs for too long, another client's or one that this client no longer waits for: try again, or SCRIPT KILL"},
	"LOADING":     {lang.CodeBusy, "the server is loading its data: try again"},
	"TRYAGAIN":    {lang.CodeBusy, "the cluster is moving these keys to another node: try again"},
	"CLUSTERDOWN": {lang.CodeBusy, "the cluster is not complete"},
	"ASK":         {lang.CodeBusy, "the cluster is moving these keys to another node: try again"},
	"MOVED":       {lang.CodeNeeds, "this namespace is on another node of the cluster: cluster://host:port in the URL finds all nodes, and so does a redis.ClusterClient"},
	"SELECT":      {lang.CodeNeeds, "a cluster has only database 0: leave out /3 or ?db=3; a namespace (?ns=shop) keeps data apart"},
	"DBINDEX":     {lang.CodeConnection, "the server has databases 0 to 15, unless configured otherwise; a namespace (?ns=shop) keeps data apart too"},
	"CROSSSLOT":   {lang.CodeNeeds, "on a cluster all keys must be in one slot: use a namespace in braces, ?ns={shop}"},
	"WRONGTYPE":   {lang.CodeBadValue, "one of RQL's keys holds another kind of value: check with TYPE"},
	"MAXCLIENTS":  {lang.CodeConnection, "the server has too many clients"},
	"SENTINELS":   {lang.CodeConnection, "are they running, and do they monitor a primary of that name? SENTINEL MASTERS lists the names"},
	"NOPROTO":     {lang.CodeConnection, ""},
	"BULK":        {lang.CodeTooLarge, "a value is longer than the server's proto-max-bulk-len (512 MB by default)"},
	"UNKILLABLE":  {lang.CodeBusy, ""},
	"OUTOFMEMORY": {lang.CodeOutOfMemory, ""},
}

// refusals maps a part of the text of a server's error to the equivalent word in replies. Errors of commands within scripts have
// no word of their own.
var refusals = []struct{ text, word string }{
	{"OOM command not allowed", "OOM"},
	{"The user executing the script can't", "NOPERM"},
	{"ACL failure in script", "NOPERM"},
	{"o permission", "NOPERM"},
	{"wrong Redis type", "WRONGTYPE"},
	{"without any password configured", "AUTH"},
	{"max number of clients", "MAXCLIENTS"},
	{"that do not hash to the same slot", "CROSSSLOT"},
	{"SELECT is not allowed in cluster mode", "SELECT"},
	{"DB index is out of range", "DBINDEX"},
	{"all sentinels specified in configuration are unreachable", "SENTINELS"},
	{"access a non local key", "TRYAGAIN"},
	{"while the cluster is down", "CLUSTERDOWN"},
	{"Protocol error: invalid bulk length", "BULK"},
}

// Refuse sets the code, message and hint of e for an error reply.
func Refuse(e *lang.Error, text string) {
	e.Code, e.Message = lang.CodeServer, "the server answered: "+text
	if strings.Contains(text, "Script killed by user") {
		e.Code, e.Message, e.Hint = lang.CodeCancelled, "the script was killed on the server before it wrote anything", ""
		return
	}
	if command := UnknownCommand(text); command != "" {
		e.Code, e.Field = lang.CodeNeeds, command
		e.Message, e.Hint = "the server does not know the command "+command, "rename-command or the hosting provider has disabled it, and RQL needs it"
		return
	}
	if r, ok := replies[ReplyWord(text)]; ok {
		e.Code, e.Hint = r.code, r.hint
	}
}

// ServerHint returns the hint for a word in replies.
func ServerHint(word string) string { return replies[word].hint }

// UnknownCommand returns the command that an error text says is unknown to the server, in capitals; "" for another error.
func UnknownCommand(text string) string {
	_, rest, ok := strings.Cut(text, "unknown command ")
	if !ok || rest == "" {
		return ""
	}
	name, _, ok := strings.Cut(rest[1:], rest[:1]) // in either kind of quotes
	if !ok {
		return ""
	}
	return strings.ToUpper(lang.Visible(Clip(name, 40)))
}
