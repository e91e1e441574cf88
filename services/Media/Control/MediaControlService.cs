using CloudPbx.MediaControl;
using CloudPbx.MediaControl.Wire;
using Grpc.Core;

namespace CloudPbx.Media.Control;

/// <summary>Media control by gRPC: each call is one control connection, and is told by its status why it ended.</summary>
internal sealed class MediaControlService(ControlConversation conversation, IHostApplicationLifetime listener) : MediaControl.Wire.MediaControl.MediaControlBase
{
    public override async Task Control(IAsyncStreamReader<Command> requestStream, IServerStreamWriter<Event> responseStream, ServerCallContext context)
    {
        await context.WriteResponseHeadersAsync([]);              // who calls knows now that somebody serves
        var link = new GrpcControlLink<Command, Event>(requestStream, responseStream, ControlConversation.Silence);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, listener.ApplicationStopping);
        bool began = await conversation.ServeAsync(link, stop.Token);
        if (context.CancellationToken.IsCancellationRequested || link.HasHeardAll)
            return;
        throw new RpcException(
            !began ? new Status(StatusCode.FailedPrecondition, "The first command of a call must be Hello, with a name of 1 to 128 characters, or Upload.")
            : link.WasSilent ? new Status(StatusCode.DeadlineExceeded, $"Nothing came for {ControlConversation.Silence.TotalSeconds:0} s: send Ping now and then.")
            : listener.ApplicationStopping.IsCancellationRequested ? new Status(StatusCode.Unavailable, "The node stops.")
            : new Status(StatusCode.Aborted, "Another call of this controller took its place, or this one read too slowly or sent what is no command."));
    }
}
