using System.Text.Json.Serialization;
using CloudPbx.Contracts.Json;

namespace CloudPbx.Contracts.Live;

/// <summary>What an extension does now: the most of what its phones do.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<ExtensionState>))]
public enum ExtensionState
{
    /// <summary>No phone is registered.</summary>
    Offline,

    /// <summary>Reachable, and in no call.</summary>
    Idle,

    /// <summary>A phone of it is being called.</summary>
    Ringing,

    /// <summary>A phone of it calls and is not answered yet.</summary>
    Calling,

    /// <summary>A phone of it is in an answered call.</summary>
    Talking,
}
