namespace CloudPbx.Contracts.Events;

/// <summary>Types of the events in a tenant's log: what webhooks choose from. Names are never reused for something else.</summary>
public static class EventTypes
{
    /// <summary>A call began: the caller's INVITE came.</summary>
    public const string CallStarted = "call.started";

    /// <summary>Somebody or something answered it.</summary>
    public const string CallAnswered = "call.answered";

    /// <summary>It ended; the data is its record.</summary>
    public const string CallEnded = "call.ended";

    /// <summary>A transfer that had begun came to nothing: the call goes on as it was.</summary>
    public const string CallTransferFailed = "call.transfer-failed";

    /// <summary>Somebody calls for help: told when it begins (<c>state</c> is <c>calling</c>), and once more with the trunk that took it (<c>answered</c>), or when none did (<c>failed</c>) or the caller gave up before (<c>cancelled</c>).</summary>
    public const string CallEmergency = "call.emergency";

    /// <summary>A recording lies in the object store and can be fetched.</summary>
    public const string RecordingReady = "recording.ready";

    /// <summary>A device has a registration.</summary>
    public const string DeviceRegistered = "device.registered";

    /// <summary>A device has none any more.</summary>
    public const string DeviceUnregistered = "device.unregistered";

    /// <summary>A limit acted: a call was refused or ended.</summary>
    public const string LimitReached = "limit.reached";

    /// <summary>An extension was made.</summary>
    public const string ExtensionCreated = "extension.created";

    /// <summary>An extension was changed.</summary>
    public const string ExtensionChanged = "extension.changed";

    /// <summary>An extension was deleted.</summary>
    public const string ExtensionDeleted = "extension.deleted";

    /// <summary>A trunk was made.</summary>
    public const string TrunkCreated = "trunk.created";

    /// <summary>A trunk was changed.</summary>
    public const string TrunkChanged = "trunk.changed";

    /// <summary>A trunk was deleted.</summary>
    public const string TrunkDeleted = "trunk.deleted";

    /// <summary>A telephone number was added, given by the platform or taken from its inventory.</summary>
    public const string NumberCreated = "number.created";

    /// <summary>A telephone number was changed.</summary>
    public const string NumberChanged = "number.changed";

    /// <summary>A telephone number was removed, taken back by the platform or given back to it.</summary>
    public const string NumberDeleted = "number.deleted";

    /// <summary>The tenant was suspended: nobody calls but for help.</summary>
    public const string TenantSuspended = "tenant.suspended";

    /// <summary>The tenant was resumed.</summary>
    public const string TenantResumed = "tenant.resumed";

    /// <summary>The configuration has another version; said once for each change, whatever it changed.</summary>
    public const string ConfigurationChanged = "configuration.changed";

    /// <summary>Somebody tries a webhook. Sent when asked for, never in the log.</summary>
    public const string WebhookTest = "webhook.test";

    /// <summary>All that a webhook can choose.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        CallStarted, CallAnswered, CallEnded, CallTransferFailed, CallEmergency, RecordingReady, DeviceRegistered, DeviceUnregistered, LimitReached, ExtensionCreated, ExtensionChanged, ExtensionDeleted,
        TrunkCreated, TrunkChanged, TrunkDeleted, NumberCreated, NumberChanged, NumberDeleted, TenantSuspended, TenantResumed, ConfigurationChanged,
    ];
}
