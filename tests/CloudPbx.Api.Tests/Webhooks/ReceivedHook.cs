using System.Text.Json;
using Microsoft.AspNetCore.Http;
using StandardWebhooks;
using StandardWebhooks.Diagnostics;

namespace CloudPbx.Api.Tests.Webhooks;

/// <summary>What a receiver got.</summary>
internal sealed record ReceivedHook(IReadOnlyDictionary<string, string> Fields, string Body)
{
    public string Id => Fields["webhook-id"];

    public JsonElement Json => JsonSerializer.Deserialize<JsonElement>(Body);

    public JsonElement Data => Json.GetProperty("data");

    /// <summary>Verifies it by a library that others wrote for receivers; throws where no signature is right.</summary>
    public void Verify(string secret)
    {
        string[] signatures = Fields["webhook-signature"].Split(' ');
        for (int i = 0; i < signatures.Length; i++)               // the library looks at the first alone, the standard at each
        {
            HeaderDictionary headers = new() { ["webhook-id"] = Id, ["webhook-timestamp"] = Fields["webhook-timestamp"], ["webhook-signature"] = signatures[i] };
            try
            {
                new StandardWebhook(secret).Verify(Body, headers);
                return;
            }
            catch (WebhookVerificationException) when (i < signatures.Length - 1)
            {
                // The next one may be right.
            }
        }
    }
}
