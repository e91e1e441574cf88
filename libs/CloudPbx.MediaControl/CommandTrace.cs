using System.Diagnostics;
using CloudPbx.MediaControl.Wire;

namespace CloudPbx.MediaControl;

/// <summary>The spans of commands: the controller's while it waits, the node's while it works. None outside a traced call.</summary>
public static class CommandTrace
{
    /// <summary>Where the controller's spans come from.</summary>
    public const string ControllerSource = "CloudPbx.MediaControl";

    /// <summary>Where the node's spans come from.</summary>
    public const string NodeSource = "CloudPbx.Media";

    private static readonly ActivitySource s_controller = new(ControllerSource);
    private static readonly ActivitySource s_node = new(NodeSource);

    /// <summary>Begins the node's span of a command, below the controller's.</summary>
    /// <returns>Null where the command belongs to no traced call, or nobody listens.</returns>
    public static Activity? Continue(Command command)
    {
        ArgumentNullException.ThrowIfNull(command);
        return command.TraceParent.Length > 0 && s_node.HasListeners() && ActivityContext.TryParse(command.TraceParent, null, isRemote: true, out ActivityContext parent)
            ? s_node.StartActivity(Name(command), ActivityKind.Server, parent)
            : null;
    }

    /// <summary>Notes in a span what became of its command.</summary>
    /// <param name="span">The span, if there is one.</param>
    /// <param name="answer">The node's answer; null: the node is away.</param>
    public static void End(Activity? span, Event? answer)
    {
        if (span is null)
            return;
        string? fault = answer is null ? LegFaults.NodeUnavailable
            : answer.Description is { Accepted: false } description ? description.Fault
            : answer.Done?.Fault;
        if (!string.IsNullOrEmpty(fault))
            span.SetStatus(ActivityStatusCode.Error, fault);
    }

    /// <summary>Begins the controller's span, and has the command carry it to the node.</summary>
    internal static Activity? Begin(Command command)
    {
        if (Activity.Current is not { Recorded: true } call)
            return null;
        Activity? span = s_controller.StartActivity(Name(command), ActivityKind.Client);
        command.TraceParent = (span ?? call).Id;
        return span;
    }

    private static string Name(Command command) => "media " + command.ActionCase.ToString().ToLowerInvariant();
}
