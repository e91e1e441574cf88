using System.Security.Claims;
using CloudPbx.Contracts.Identity;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.Tenants;

namespace CloudPbx.Api.Access;

/// <summary>Who makes the present request. Scoped; <see cref="AccessFilter"/> fills it before any handler runs.</summary>
internal sealed class Caller
{
    /// <summary>Scope of tokens that may read and change.</summary>
    public const string WriteScope = TokenClaims.Api;

    /// <summary>Scope of tokens that may only read.</summary>
    public const string ReadScope = TokenClaims.ApiRead;

    /// <summary>What they may do; nothing before the filter ran.</summary>
    public UserRole? Role { get; private set; }

    /// <summary>Whom the token is about.</summary>
    public string Subject { get; private set; } = "";

    /// <summary>The name to show, in the audit log for example.</summary>
    public string Name { get; private set; } = "";

    /// <summary>The only tenant.</summary>
    public TenantId? TenantId { get; private set; }

    /// <summary>The reseller.</summary>
    public ResellerId? ResellerId { get; private set; }

    /// <summary>A user's extension.</summary>
    public ExtensionId? ExtensionId { get; private set; }

    /// <summary>The session that a person's token came from.</summary>
    public SessionId? SessionId { get; private set; }

    /// <summary>Who a person's token is about; <see langword="null"/> for programs.</summary>
    public UserId? UserId { get; private set; }

    /// <summary>The token itself; <see langword="null"/> for the operator token of the machine.</summary>
    public Guid? TokenId { get; private set; }

    /// <summary>The present number of a user's extension; <see langword="null"/> for everybody who sees all of them. A user without extension has "", which no extension has.</summary>
    public string? OwnNumber { get; set; }

    /// <summary>Whether the token may change anything.</summary>
    public bool MayWrite { get; private set; }

    /// <summary>Takes over what the token says.</summary>
    /// <returns>Whether it says enough.</returns>
    public bool TryEnter(ClaimsPrincipal principal)
    {
        if (TokenClaims.ReadRole(principal.FindFirstValue(TokenClaims.Role)) is not { } role)
            return false;
        Subject = principal.FindFirstValue(TokenClaims.Subject) ?? "";
        Name = principal.FindFirstValue(TokenClaims.Name) ?? Subject;
        string[] scopes = (principal.FindFirstValue("scope") ?? "").Split(' ');
        MayWrite = scopes.Contains(WriteScope);
        TenantId = CloudPbx.Contracts.Ids.TenantId.TryParse(principal.FindFirstValue(TokenClaims.Tenant), out TenantId tenant) ? tenant : null;
        ResellerId = CloudPbx.Contracts.Ids.ResellerId.TryParse(principal.FindFirstValue(TokenClaims.Reseller), out ResellerId reseller) ? reseller : null;
        ExtensionId = CloudPbx.Contracts.Ids.ExtensionId.TryParse(principal.FindFirstValue(TokenClaims.ExtensionId), out ExtensionId extension) ? extension : null;
        UserId = CloudPbx.Contracts.Ids.UserId.TryParse(Subject, out UserId user) ? user : null;
        SessionId = CloudPbx.Contracts.Ids.SessionId.TryParse(principal.FindFirstValue(TokenClaims.Session), out SessionId session) ? session : null;
        TokenId = Guid.TryParse(principal.FindFirstValue(AccessTokenHandler.TokenIdClaim), out Guid token) ? token : null;
        bool whole = (MayWrite || scopes.Contains(ReadScope)) && role switch
        {
            UserRole.Operator => true,
            UserRole.Reseller => ResellerId is not null,
            _ => TenantId is not null,
        };
        if (whole)
            Role = role;
        return whole;
    }

    /// <summary>Whether they may know of a tenant at all.</summary>
    public bool Sees(TenantOwner tenant) => Role switch
    {
        UserRole.Operator => true,
        UserRole.Reseller => tenant.ResellerId is not null && tenant.ResellerId == ResellerId,
        UserRole.Administrator or UserRole.User => tenant.Id == TenantId,
        _ => false,
    };
}
