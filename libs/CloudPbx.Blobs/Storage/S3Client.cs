using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.S3;

namespace CloudPbx.Blobs.Storage;

/// <summary>A client whose every attempt has the whole patience: it tries again by itself what a store refused for the moment, after a pause of its own.</summary>
internal sealed class S3Client(AWSCredentials credentials, AmazonS3Config config) : AmazonS3Client(credentials, config)
{
    /// <inheritdoc/>
    protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline)
    {
        base.CustomizeRuntimePipeline(pipeline);
        pipeline.AddHandlerAfter<RetryHandler>(new Attempt());
    }

    private sealed class Attempt : PipelineHandler
    {
        public override async Task<T> InvokeAsync<T>(IExecutionContext executionContext)
        {
            S3Patience? patience = S3Patience.OfThisRequest;
            patience?.GoesOn();
            try
            {
                return await base.InvokeAsync<T>(executionContext).ConfigureAwait(false);
            }
            finally
            {
                patience?.Rests();
            }
        }
    }
}
