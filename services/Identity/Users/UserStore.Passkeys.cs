using System.Text.Json;
using CloudPbx.Data.Users;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Identity.Users;

/// <summary>Passkeys (WebAuthn). Nothing of them is secret: the private half never leaves the authenticator.</summary>
internal sealed partial class UserStore
{
    public async Task AddOrUpdatePasskeyAsync(GlobalUser user, UserPasskeyInfo passkey, CancellationToken cancellationToken)
    {
        GlobalPasskey? row = await db.GlobalPasskeys.SingleOrDefaultAsync(p => p.CredentialId == passkey.CredentialId && p.UserId == user.Id, cancellationToken);
        if (row is null)
        {
            row = new GlobalPasskey { CredentialId = passkey.CredentialId, UserId = user.Id, Name = "", Details = "", CreatedAt = passkey.CreatedAt.UtcDateTime };
            db.GlobalPasskeys.Add(row);
        }
        row.Name = passkey.Name ?? row.Name;
        row.Details = JsonSerializer.Serialize(new PasskeyDetails(
            passkey.PublicKey, passkey.SignCount, passkey.Transports, passkey.IsUserVerified, passkey.IsBackupEligible, passkey.IsBackedUp, passkey.AttestationObject, passkey.ClientDataJson));
        await db.SaveChangesAsync(cancellationToken);
    }

    public async Task<IList<UserPasskeyInfo>> GetPasskeysAsync(GlobalUser user, CancellationToken cancellationToken) =>
        [.. (await db.GlobalPasskeys.AsNoTracking().Where(p => p.UserId == user.Id).OrderBy(p => p.CreatedAt).ToListAsync(cancellationToken)).Select(ToInfo)];

    public Task<GlobalUser?> FindByPasskeyIdAsync(byte[] credentialId, CancellationToken cancellationToken) =>
        db.GlobalUsers.SingleOrDefaultAsync(u => db.GlobalPasskeys.Any(p => p.CredentialId == credentialId && p.UserId == u.Id), cancellationToken);

    public async Task<UserPasskeyInfo?> FindPasskeyAsync(GlobalUser user, byte[] credentialId, CancellationToken cancellationToken) =>
        await db.GlobalPasskeys.AsNoTracking().SingleOrDefaultAsync(p => p.CredentialId == credentialId && p.UserId == user.Id, cancellationToken) is { } row ? ToInfo(row) : null;

    public Task RemovePasskeyAsync(GlobalUser user, byte[] credentialId, CancellationToken cancellationToken) =>
        db.GlobalPasskeys.Where(p => p.CredentialId == credentialId && p.UserId == user.Id).ExecuteDeleteAsync(cancellationToken);

    private static UserPasskeyInfo ToInfo(GlobalPasskey row)
    {
        PasskeyDetails details = JsonSerializer.Deserialize<PasskeyDetails>(row.Details) ?? throw new InvalidOperationException("A passkey's row holds nothing.");
        return new UserPasskeyInfo(
            row.CredentialId, details.PublicKey, new DateTimeOffset(row.CreatedAt, TimeSpan.Zero), details.SignCount, details.Transports, details.IsUserVerified, details.IsBackupEligible,
            details.IsBackedUp, details.AttestationObject, details.ClientDataJson) { Name = row.Name };
    }

    /// <summary>What the row keeps in JSON. Members may only be added to.</summary>
    private sealed record PasskeyDetails(
        byte[] PublicKey, uint SignCount, string[]? Transports, bool IsUserVerified, bool IsBackupEligible, bool IsBackedUp, byte[] AttestationObject, byte[] ClientDataJson);
}
