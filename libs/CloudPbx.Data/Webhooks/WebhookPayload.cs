using System.Text.Json;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.EventLog;

namespace CloudPbx.Data.Webhooks;

/// <summary>The body of a delivery: type, timestamp and data as Standard Webhooks recommends, and whose event it is and its place in their log.</summary>
public static class WebhookPayload
{
    /// <summary>Writes an event.</summary>
    /// <param name="entry">The event.</param>
    /// <param name="tenantName">The tenant's name.</param>
    public static string Of(EventLogEntry entry, string tenantName)
    {
        ArgumentNullException.ThrowIfNull(entry);
        using JsonDocument data = JsonDocument.Parse(entry.Payload);
        return Write(entry.Type, entry.At, entry.TenantId, tenantName, entry.Sequence, data.RootElement);
    }

    /// <summary>Writes a test.</summary>
    /// <param name="type">The event's type.</param>
    /// <param name="at">The present instant, UTC.</param>
    /// <param name="tenant">The tenant, if the webhook is a tenant's.</param>
    /// <param name="data">The details.</param>
    public static string OfTest(string type, DateTime at, TenantId? tenant, object data) => Write(type, at, tenant, null, null, data);

    private static string Write(string type, DateTime at, TenantId? tenant, string? name, long? sequence, object data) =>
        JsonSerializer.Serialize(new { type, timestamp = at, tenantId = tenant, tenantName = name, sequence, data }, JsonSerializerOptions.Web);
}
