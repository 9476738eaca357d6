package lang

// The codes of migrations.
const (
	CodeBadMigration     Code = "bad-migration"
	CodeMigrationEdited  Code = "migration-edited"
	CodeMigrationMissing Code = "migration-missing"
	CodeMigrationOrder   Code = "migration-order"
	CodeMigrationLost    Code = "migration-lost"
	CodeMigrationBusy    Code = "migration-busy"
	CodeMigrationDrift   Code = "migration-drift"
	CodeMigrationBehind  Code = "migration-behind"
	CodeNoDown           Code = "no-down"
)

func migrateCodes() []CodeInfo {
	return []CodeInfo{
		{Code: CodeBadMigration, Section: sectionMigrations, Status: 2, Summary: "a file of the directory is not a migration, or two have the same number"},
		{Code: CodeMigrationEdited, Section: sectionMigrations, Status: 1, Summary: "a file was changed after it was carried out; nothing was run"},
		{Code: CodeMigrationMissing, Section: sectionMigrations, Status: 1, Summary: "the file of a migration that was carried out is missing; nothing was run"},
		{Code: CodeMigrationOrder, Section: sectionMigrations, Status: 1, Summary: "a file was added before one that was carried out; nothing was run"},
		{Code: CodeMigrationLost, Section: sectionMigrations, Status: 1, Summary: "another run took over from this one, which was suspended or lost its connection; it wrote nothing since"},
		{Code: CodeMigrationBusy, Section: sectionMigrations, Status: 1, Transient: true, Summary: "another run did not end within the time to wait for it; nothing was run"},
		{Code: CodeMigrationDrift, Section: sectionMigrations, Status: 1, Summary: "the models of the database differ from those of the migrations"},
		{Code: CodeMigrationBehind, Section: sectionMigrations, Status: 1, Summary: "fewer replicas than `--wait-replicas` have what was written; the run stopped behind that statement, and the next one continues"},
		{Code: CodeNoDown, Section: sectionMigrations, Status: 1, Summary: "a migration has no DOWN part; nothing was run"},
	}
}
