using CloudPbx.Contracts.Ids;

namespace CloudPbx.State.Bans;

/// <summary>An account whose password is guessed, from wherever.</summary>
/// <param name="Tenant">Its tenant.</param>
/// <param name="Account">The digest user name; there may be no such account.</param>
public readonly record struct AttackedAccount(TenantId Tenant, string Account)
{
    /// <summary>Parses what <see cref="ToString"/> made.</summary>
    /// <returns>False for anything else. Never throws.</returns>
    public static bool TryParse(string text, out AttackedAccount attacked)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] parts = text.Split(' ', 2);        // an account may hold spaces, a tenant does not
        bool read = TenantId.TryParse(parts[0], out TenantId tenant) && parts.Length == 2;
        attacked = read ? new AttackedAccount(tenant, parts[1]) : default;
        return read;
    }

    /// <summary><c>TENANT ACCOUNT</c>.</summary>
    public override string ToString() => $"{Tenant} {Account}";
}
