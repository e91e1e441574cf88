using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace CloudPbx.Data.Postgres;

/// <summary>How to reach PostgreSQL. Section <c>Postgres</c>. Each string may hold a password: never log it.</summary>
public sealed class PostgresOptions
{
    /// <summary>As <c>cloudpbx_app</c>: sees one tenant at a time.</summary>
    [Required] public string Connection { get; set; } = "Host=localhost;Database=cloudpbx;Username=cloudpbx_app";

    /// <summary>As <c>cloudpbx_platform</c>: sees all tenants. Only Api and Identity need it.</summary>
    public string? PlatformConnection { get; set; }

    /// <summary>As <c>cloudpbx_owner</c>: changes the schema. Only <c>Api --migrate</c> needs it.</summary>
    public string? OwnerConnection { get; set; }
}

[OptionsValidator]
internal sealed partial class PostgresOptionsValidator : IValidateOptions<PostgresOptions>;
