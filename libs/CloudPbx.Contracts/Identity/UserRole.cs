using System.Text.Json.Serialization;
using CloudPbx.Contracts.Json;

namespace CloudPbx.Contracts.Identity;

/// <summary>What somebody, or a program, may do. Each of them sees less than the one before.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<UserRole>))]
public enum UserRole
{
    /// <summary>Runs the platform: everything.</summary>
    Operator,

    /// <summary>Has tenants: everything of theirs, and their creation.</summary>
    Reseller,

    /// <summary>Runs one tenant.</summary>
    Administrator,

    /// <summary>Has an extension of one tenant: what is the extension's own.</summary>
    User,
}
