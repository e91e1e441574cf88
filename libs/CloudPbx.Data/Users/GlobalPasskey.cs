using CloudPbx.Contracts.Ids;

namespace CloudPbx.Data.Users;

/// <summary>A passkey of a user (WebAuthn). Nothing of it is secret.</summary>
public sealed class GlobalPasskey
{
    /// <summary>The authenticator's name for it.</summary>
    public required byte[] CredentialId { get; init; }

    /// <summary>Whose.</summary>
    public required UserId UserId { get; init; }

    /// <summary>What the user calls it.</summary>
    public required string Name { get; set; }

    /// <summary>The rest, as WebAuthn has it, in JSON: public key, counter, flags.</summary>
    public required string Details { get; set; }

    /// <summary>When it was added, UTC.</summary>
    public required DateTime CreatedAt { get; init; }
}
