import type { OperationText } from './texts.ts';

export const softmax: OperationText = {
  words:
    'softmax 把一行分数变成一行权重：先用指数函数把每个分数变成正数，再各自除以这一行的总和。于是权重加起来等于 1，原来的负无穷成了 0。同一行里，分数大 1 的，权重约为另一个的 2.72 倍。一个权重取决于这一行里看得见的全部分数。',
  formula:
    'a 下标 t、s 等于 e 撇下标 t、s 的指数，除以 e 撇下标 t、u 的指数之和，u 取遍不大于 t 的位置。',
  notice: '把任意一行的权重加起来，除去末位的舍入误差，和是 1。',
};
