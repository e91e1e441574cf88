using System.Text.Json.Serialization;
using CloudPbx.Contracts.Json;

namespace CloudPbx.Contracts.Events;

/// <summary>Who ended a call.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<CallParty>))]
public enum CallParty
{
    /// <summary>The one who called.</summary>
    Caller,

    /// <summary>The one who was called.</summary>
    Callee,

    /// <summary>CloudPbx: a timer, a limit, a fault, an operator.</summary>
    System,
}
