using System.Security.Cryptography;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.Keys;

namespace CloudPbx.Data.Webhooks;

/// <summary>Makes, seals and opens what a webhook's deliveries are signed with: <c>whsec_</c> and 32 octets in Base64, as Standard Webhooks has it.</summary>
public static class WebhookSecret
{
    private const string Prefix = "whsec_";

    /// <summary>Makes a new one.</summary>
    /// <param name="seal">Seals it.</param>
    /// <param name="webhook">For which webhook: it opens for no other.</param>
    /// <returns>The text to tell once, and what to store.</returns>
    public static (string Text, byte[] Sealed) New(PlatformSeal seal, WebhookId webhook)
    {
        ArgumentNullException.ThrowIfNull(seal);
        byte[] key = RandomNumberGenerator.GetBytes(32);
        return (Prefix + Convert.ToBase64String(key), seal.Seal(Place(webhook), key));
    }

    /// <summary>Opens one.</summary>
    /// <param name="seal">Opens it.</param>
    /// <param name="webhook">Whose.</param>
    /// <param name="sealedSecret">What was stored.</param>
    /// <returns>The key; <see langword="null"/> where the platform key is another.</returns>
    public static byte[]? Open(PlatformSeal seal, WebhookId webhook, ReadOnlySpan<byte> sealedSecret)
    {
        ArgumentNullException.ThrowIfNull(seal);
        return seal.Open(Place(webhook), sealedSecret);
    }

    private static string Place(WebhookId webhook) => $"webhook/{webhook}/secret";
}
