using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CloudPbx.Data.Postgres;

/// <summary>How to reach PostgreSQL. Section <c>Postgres</c>. Each string may hold a password: never log it.</summary>
public sealed class PostgresOptions : IValidatableObject
{
    /// <summary>As <c>cloudpbx_app</c>: sees one tenant at a time.</summary>
    [Required] public string Connection { get; set; } = "Host=localhost;Database=cloudpbx;Username=cloudpbx_app";

    /// <summary>As <c>cloudpbx_platform</c>: sees all tenants. Only Api and Identity need it.</summary>
    public string? PlatformConnection { get; set; }

    /// <summary>As <c>cloudpbx_owner</c>: changes the schema. Only <c>Api --migrate</c> needs it.</summary>
    public string? OwnerConnection { get; set; }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach ((string name, string? connection) in new[]
        {
            (nameof(Connection), Connection), (nameof(PlatformConnection), PlatformConnection), (nameof(OwnerConnection), OwnerConnection),
        })
        {
            if (connection is not null && !IsReadable(connection))
                yield return new($"Postgres:{name} must be like Host=db;Database=cloudpbx;Username=…;Password=….", [name]);
        }
    }

    /// <summary>The fault of a process that needs a connection which is not set.</summary>
    internal static OptionsValidationException Missing(string name, string role) =>
        new("Postgres", typeof(PostgresOptions), [$"Postgres:{name} is not set: the connection as {role}."]);

    private static bool IsReadable(string connection)
    {
        try
        {
            _ = new NpgsqlConnectionStringBuilder(connection);
            return true;
        }
        catch (Exception fault) when (fault is ArgumentException or FormatException)
        {
            return false;               // the exception's own text could hold the password
        }
    }
}

[OptionsValidator]
internal sealed partial class PostgresOptionsValidator : IValidateOptions<PostgresOptions>;
