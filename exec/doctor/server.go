package doctor

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/lang"
)

// Server is what the server reports about itself. Fields that it does not report, or not to this user, are empty.
type Server struct {
	Name        string `json:"name,omitempty"` // "redis 7.0.15"
	Embedded    bool   `json:"embedded"`
	Role        string `json:"role,omitempty"` // "master" or "slave"
	Memory      int64  `json:"memory,omitempty"`
	MaxMemory   int64  `json:"maxMemory,omitempty"` // 0: no limit
	Policy      string `json:"policy,omitempty"`    // eviction policy
	AOF         *bool  `json:"aof,omitempty"`
	Save        string `json:"save,omitempty"`        // when snapshots are taken
	AppendFsync string `json:"appendFsync,omitempty"` // "always", "everysec" or "no"
}

// full is the percentage of maxmemory from which memory is reported as nearly full.
const full = 90

// server asks the server for its state. It is no error if a command is denied or unknown.
func (x *examination) server() error {
	sections := []string{"server", "replication", "memory", "persistence"}
	cmds := make([]redis.Cmder, 0, len(sections)+2)
	for _, s := range sections {
		cmds = append(cmds, redis.NewStringCmd(x.ctx, "info", s))
	}
	save, fsync := redis.NewMapStringStringCmd(x.ctx, "config", "get", "save"), redis.NewMapStringStringCmd(x.ctx, "config", "get", "appendfsync")
	if err := x.c.Pipeline(x.ctx, append(cmds, save, fsync)); err != nil {
		return err
	}
	info := map[string]string{}
	for _, c := range cmds {
		for _, line := range strings.Split(c.(*redis.StringCmd).Val(), "\n") {
			if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
				info[name] = value
			}
		}
	}
	s := &x.report.Server
	s.Embedded = x.c.Embedded()
	s.Name, s.Role = nameOf(info), info["role"]
	s.Memory, s.MaxMemory, s.Policy = number(info["used_memory"]), number(info["maxmemory"]), info["maxmemory_policy"]
	x.memory(cmds[2].(*redis.StringCmd))
	if s.Role == "slave" && !x.c.Cluster() {
		x.found(Warning, "replica", "server", "this is a replica: it refuses changes, and what it reads may be old", "connect to "+info["master_host"]+":"+info["master_port"])
	}
	if on, said := info["aof_enabled"]; said && !s.Embedded {
		s.AOF = new(on == "1")
		s.Save, s.AppendFsync = save.Val()["save"], fsync.Val()["appendfsync"]
		x.persistence(info, save.Err() == nil)
	}
	return nil
}

func nameOf(info map[string]string) string {
	if v := info["valkey_version"]; v != "" {
		return "valkey " + v
	}
	if v := info["redis_version"]; v != "" {
		return cmp.Or(info["server_name"], "redis") + " " + v
	}
	return ""
}

func number(s string) int64 {
	n, _ := strconv.ParseInt(s, 10, 64) // 0 if it is not reported
	return n
}

// memory warns of eviction and of a full memory.
func (x *examination) memory(reply *redis.StringCmd) {
	s := x.report.Server
	if text := conn.EvictionText(reply); text != "" {
		level := Warning
		if strings.HasPrefix(s.Policy, "allkeys-") && s.MaxMemory > 0 {
			level = Problem
		}
		x.found(level, string(lang.CodeMayEvict), "server", text, "CONFIG SET maxmemory-policy noeviction")
	}
	if s.MaxMemory > 0 && s.Memory*100 > s.MaxMemory*full {
		x.found(Warning, "memory-full", "server", strconv.FormatInt(s.Memory*100/s.MaxMemory, 10)+" % of maxmemory are in use: when it is full, every statement that writes is refused",
			"CONFIG SET maxmemory "+strconv.FormatInt(2*max(s.Memory, s.MaxMemory), 10))
	}
}

// persistence reports what is lost when the server stops. asked says that the configuration of snapshots is known.
func (x *examination) persistence(info map[string]string, asked bool) {
	s := x.report.Server
	switch {
	case *s.AOF && s.AppendFsync == "no":
		x.found(Warning, "fsync", "server", "the append-only file is written to disk when the operating system decides: a crash of the machine loses up to half a minute", "CONFIG SET appendfsync everysec")
	case *s.AOF:
	case asked && s.Save == "":
		x.found(Warning, "not-persistent", "server", "no append-only file and no snapshots: all documents are lost when the server ends", "CONFIG SET appendonly yes, and CONFIG REWRITE to keep it so")
	case asked:
		x.found(Warning, "only-snapshots", "server", "snapshots only (save "+s.Save+"): what was written since the last one is lost when the server is killed", "CONFIG SET appendonly yes, and CONFIG REWRITE to keep it so")
	}
	if info["rdb_last_bgsave_status"] == "err" {
		x.found(Problem, "snapshot-failed", "server", "the last snapshot could not be written", "see the server's log, then BGSAVE")
	}
	if info["aof_last_write_status"] == "err" || info["aof_last_bgrewrite_status"] == "err" {
		x.found(Problem, "aof-failed", "server", "the append-only file could not be written", "see the server's log, then BGREWRITEAOF")
	}
}
