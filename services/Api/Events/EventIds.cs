namespace CloudPbx.Api.Events;

/// <summary>How events' identifiers are written: no dot, since Standard Webhooks signs <c>id.timestamp.body</c>.</summary>
internal static class EventIds
{
    public static string Write(Guid id) => $"evt_{id:N}";
}
