namespace CloudPbx.Contracts.Identity;

/// <summary>The claims that Identity writes into tokens, and Api and Portal read.</summary>
public static class TokenClaims
{
    /// <summary>The audience of access tokens for the REST API, and the scope that asks for one.</summary>
    public const string Api = "api";

    /// <summary>The scope of tokens that may only read.</summary>
    public const string ApiRead = "api.read";

    /// <summary>Who: a user's identifier, or <c>client:</c> and the client's.</summary>
    public const string Subject = "sub";

    /// <summary>The name to show.</summary>
    public const string Name = "name";

    /// <summary>The mail address, where there is one.</summary>
    public const string Email = "email";

    /// <summary>A <see cref="UserRole"/> in lower case.</summary>
    public const string Role = "role";

    /// <summary>Identifier of the only tenant, of administrators, users and their programs.</summary>
    public const string Tenant = "tenant";

    /// <summary>Identifier of the reseller whose tenants it is about, of resellers and their programs.</summary>
    public const string Reseller = "reseller";

    /// <summary>The number of a user's extension.</summary>
    public const string Extension = "extension";

    /// <summary>The identifier of a user's extension, which stays when the number changes.</summary>
    public const string ExtensionId = "extension_id";

    /// <summary>The session that a token came from (OpenID Connect Front-Channel Logout §3): a person's only.</summary>
    public const string Session = "sid";

    /// <summary>What the subject of a program's token begins with.</summary>
    public const string ClientSubjectPrefix = "client:";

    /// <summary>Writes a role as the claim does.</summary>
    /// <param name="role">The role.</param>
    public static string Write(UserRole role) => role switch
    {
        UserRole.Operator => "operator",
        UserRole.Reseller => "reseller",
        UserRole.Administrator => "administrator",
        _ => "user",
    };

    /// <summary>Reads a role's claim.</summary>
    /// <param name="text">The claim's value.</param>
    /// <returns>The role, or <see langword="null"/> for any other text.</returns>
    public static UserRole? ReadRole(string? text) => text switch
    {
        "operator" => UserRole.Operator,
        "reseller" => UserRole.Reseller,
        "administrator" => UserRole.Administrator,
        "user" => UserRole.User,
        _ => null,
    };
}
