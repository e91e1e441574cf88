using CloudPbx.Contracts.Ids;

namespace CloudPbx.State.Bans;

/// <summary>Who gets no answer for a while: a source, or one account as it is used from a source.</summary>
/// <param name="Source">From where.</param>
/// <param name="Tenant">The account's tenant; <see langword="null"/> where the whole source is banned.</param>
/// <param name="Account">The digest user name; <see langword="null"/> where the whole source is banned.</param>
public readonly record struct BanSubject(BanSource Source, TenantId? Tenant = null, string? Account = null)
{
    /// <summary>Parses what <see cref="ToString"/> made.</summary>
    /// <returns>False for anything else. Never throws.</returns>
    public static bool TryParse(string text, out BanSubject subject)
    {
        ArgumentNullException.ThrowIfNull(text);
        subject = default;
        string[] parts = text.Split(' ', 3);        // an account may hold spaces, the others do not
        if (!BanSource.TryParse(parts[0], out BanSource source))
            return false;
        if (parts.Length == 1)
        {
            subject = new BanSubject(source);
            return true;
        }
        if (parts.Length != 3 || !TenantId.TryParse(parts[1], out TenantId tenant))
            return false;
        subject = new BanSubject(source, tenant, parts[2]);
        return true;
    }

    /// <summary><c>SOURCE</c>, or <c>SOURCE TENANT ACCOUNT</c>.</summary>
    public override string ToString() => Tenant is { } tenant ? $"{Source} {tenant} {Account}" : Source.ToString();
}
