using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace CloudPbx.Data.Sqlite;

/// <summary>Where the database file is. Section <c>Sqlite</c>.</summary>
public sealed class SqliteOptions
{
    /// <summary>The file; created by the migration where it is missing, its folder too.</summary>
    [Required] public string Path { get; set; } = "data/cloudpbx.db";
}

[OptionsValidator]
internal sealed partial class SqliteOptionsValidator : IValidateOptions<SqliteOptions>;
