using CloudPbx.Contracts.Trunks;

namespace CloudPbx.CallControl.Calls;

/// <summary>A call to the outside that somebody of the tenant answers for: who dialled it, sent a call on to it, or asked for it in its place. Limits count these, not calls.</summary>
/// <param name="payer">The extension whose rights and limits it goes by.</param>
/// <param name="number">What is called, before the rules of routes and trunks rewrote it: prices and limits go by it.</param>
/// <param name="isEmergency">Whether no limit ends or hinders it.</param>
/// <param name="isForwarded">Whether the payer's phone sent a call on, and is not in it itself.</param>
internal sealed class OutsideUse(string payer, string number, bool isEmergency, bool isForwarded)
{
    public string Payer => payer;

    public string Number => number;

    public bool IsEmergency => isEmergency;

    public bool IsForwarded => isForwarded;

    /// <summary>When the other side answered, UTC; null before.</summary>
    public DateTime? AnsweredAt { get; set; }

    /// <summary>Whether it is over and was counted.</summary>
    public bool IsEnded { get; set; }

    /// <summary>Where it goes (<see cref="Routing.OutsideNumber.DestinationOf"/>), once somebody looked.</summary>
    public string? Destination { get; set; }

    /// <summary>What a minute costs, once somebody looked.</summary>
    public CallRate? Rate { get; set; }
}
