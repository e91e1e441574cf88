using CloudPbx.Contracts.Ids;
using OpenIddict.EntityFrameworkCore.Models;

namespace CloudPbx.Data.Clients;

/// <summary>What a user let a client do: one sign-in at one client, whose tokens are revoked with it.</summary>
public sealed class GlobalAuthorization : OpenIddictEntityFrameworkCoreAuthorization<Guid, GlobalClient, GlobalToken>
{
    /// <summary>The session that it came from, and ends with; <see langword="null"/> for a lasting consent.</summary>
    public SessionId? SessionId { get; set; }
}
